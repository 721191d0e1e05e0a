import { expect, it } from 'vitest'
import { device } from './device'

it('m8_1 a session says browser and system as people call them', () => {
  expect(device('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0')).toBe(
    'Edge · Windows',
  )
  expect(device('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1')).toBe(
    'Safari · iOS',
  )
  expect(device('curl/8.0')).toBe('curl/8.0')
})
