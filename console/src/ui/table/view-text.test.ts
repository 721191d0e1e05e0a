import { describe, expect, it } from 'vitest'
import { openTab, viewQuery, viewText } from './view-text'

const tabs = [{ text: '' }, { text: 'queue=to_confirm' }, { id: 7, text: 'q=tea&state=placed' }]

describe('a view of a list', () => {
  it('is the search, filters, order and columns, but not the page', () => {
    const search = { state: 'placed', q: 'tea', cursor: 'x', limit: '100', view: '7', cols: undefined, sort: '' }
    expect(viewQuery(search)).toEqual({ state: 'placed', q: 'tea' })
    expect(viewText(search)).toBe('q=tea&state=placed')
  })

  it('is open when the URL holds just what it holds', () => {
    expect(openTab(tabs, {})).toEqual({ tab: tabs[0], changed: false })
    expect(openTab(tabs, { queue: 'to_confirm', cursor: 'x' })).toEqual({ tab: tabs[1], changed: false })
    expect(openTab(tabs, { state: 'placed', q: 'tea' })).toEqual({ tab: tabs[2], changed: false })
    expect(openTab(tabs, { state: 'placed' })).toEqual({ tab: undefined, changed: true })
  })

  it('stays open while its filters are changed, and is as good as closed once it is gone', () => {
    expect(openTab(tabs, { view: '7', state: 'placed' })).toEqual({ tab: tabs[2], changed: true })
    expect(openTab(tabs, { view: '8', queue: 'to_confirm' })).toEqual({ tab: tabs[1], changed: false })
    expect(openTab(tabs, { view: '8', state: 'x' })).toEqual({ tab: undefined, changed: true })
  })
})
