import { crc32 } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { choose, fresh, open } from '../shop.ts'

test('m8_14 a file is mapped, tried, and imported; bad rows are told', async ({ page }) => {
  const code = fresh('C')
  await open(page, '/imports/new?kind=customers')
  const file = `Number,name,email\n${code},李雷,${code}@example.com\n${code}b,韩梅梅,not-an-address\n`
  await page.getByLabel('Choose a CSV or XLSX file').setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(file),
  })
  await expect(page.getByText('Still needed: Code.')).toBeVisible()
  await choose(page, 'Column of the file: Code', 'Number')
  await page.getByRole('button', { name: 'Try it' }).click()
  await expect(page.getByRole('heading', { name: 'Tried: nothing was changed' })).toBeVisible()
  await expect(page.getByRole('row', { name: /not-an-address/ })).toBeVisible()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 will be created, 0 updated; 1 bad row is left out.')
  await dialog.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Imported', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Background jobs' }).click()
  await expect(page.getByRole('link', { name: 'Import customers' }).first()).toBeVisible()
})

/** A zip of one file that is not packed. */
function zipOf(name: string, content: Buffer): Buffer {
  const title = Buffer.from(name)
  const about = Buffer.alloc(26)
  about.writeUInt16LE(20, 0)
  about.writeUInt16LE(0x0800, 2)
  about.writeUInt32LE(crc32(content), 10)
  about.writeUInt32LE(content.length, 14)
  about.writeUInt32LE(content.length, 18)
  about.writeUInt16LE(title.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, title, content])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, Buffer.alloc(14), title])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(local.length, 12)
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end])
}

const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

test('m8_13 pictures come in a zip beside the file, and a cancelled import goes on', async ({ page }) => {
  const code = fresh('Z')
  await open(page, '/imports/new?kind=products')
  await page.getByLabel('Choose a CSV or XLSX file').setInputFiles({
    name: 'goods.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`sku,name,price,image\n${code},茶,1.00,红.png\n${code}b,杯,1.00,missing.png\n`),
  })
  await page.getByLabel('Choose a zip of pictures').setInputFiles({
    name: 'pictures.zip',
    mimeType: 'application/zip',
    buffer: zipOf('茶/红.PNG', Buffer.from(DOT, 'base64')),
  })
  await expect(page.getByText('pictures.zip: 1 picture')).toBeVisible()
  await page.getByRole('button', { name: 'Try it' }).click()
  await expect(page.getByRole('row', { name: /missing\.png/ })).toBeVisible()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Imported', exact: true })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Bad rows and pictures' })).toBeVisible()
  await expect(page.getByRole('row', { name: /missing\.png/ })).toContainText('file is not there: check its name')

  // The picture of a machine that nobody has is waited for: time enough to cancel.
  await page.getByRole('button', { name: 'Import another file' }).click()
  await page.getByLabel('Choose a CSV or XLSX file').setInputFiles({
    name: 'late.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(`sku,name,price,image\n${code}c,罐,1.00,http://pictures.invalid/a.png\n`),
  })
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('Pictures: 0 of 1 dealt with')).toBeVisible()
  await page.getByRole('button', { name: 'Cancel job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
  await expect(page.getByRole('heading', { name: 'The import was cancelled' })).toBeVisible()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByText('Pictures: 0 of 1 dealt with')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Cancel job' })).toBeVisible()
})
