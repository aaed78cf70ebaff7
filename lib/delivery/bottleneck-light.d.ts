// The package describes only its main entry; this one is that without Redis.
declare module 'bottleneck/light' {
  export { default } from 'bottleneck';
}
