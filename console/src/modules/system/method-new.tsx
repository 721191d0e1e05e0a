export { NewMethod as default } from './method'
