// Style sheets, which the bundler takes out of the page's code.
declare module '*.css';
