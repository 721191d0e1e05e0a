export { NewZone as default } from './zone'
