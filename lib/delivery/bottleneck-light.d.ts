// Types for the library's entry without Redis. The package itself describes only its main entry.
declare module 'bottleneck/light' {
  export { default } from 'bottleneck';
}
