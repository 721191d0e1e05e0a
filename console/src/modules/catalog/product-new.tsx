export { NewProduct as default } from './product'
