export { NewRole as default } from './role'
