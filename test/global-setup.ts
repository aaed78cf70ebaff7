// Runs once, before any worker of Jest is there: every test runs in UTC, whoever starts it and however.
export default (): void => {
  process.env['TZ'] = 'UTC';
};
