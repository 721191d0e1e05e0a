export { NewCarrier as default } from './carrier'
