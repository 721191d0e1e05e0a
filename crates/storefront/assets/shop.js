// Makes pages quicker that work without it. No state of its own: the address and
// the forms hold everything.
'use strict'

const root = document.documentElement
root.classList.add('js')

/** One piece of work after the other: the last choice is the last one saved. */
let last = Promise.resolve()
const inTurn = work => (last = last.then(work, work))

/** Pieces of the page, fetched anew and put in place. */
const swap = async (url, options, ...selectors) => {
  const response = await fetch(url, { headers: { accept: 'text/html' }, credentials: 'same-origin', ...options })
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  if (!response.ok || !selectors.every(selector => document.querySelector(selector) && page.querySelector(selector))) return false
  const focused = document.activeElement
  for (const selector of selectors) {
    const [now, next] = [document.querySelector(selector), page.querySelector(selector)]
    const key = !now.contains(focused) ? null : focused.id ? `#${CSS.escape(focused.id)}` : focused.matches('a[href]') ? `a[href="${CSS.escape(focused.getAttribute('href'))}"]` : null
    now.replaceWith(next)
    const again = key && next.querySelector(key)
    if (key) (again ?? next).focus({ preventScroll: true })
    // What is being typed meanwhile stays.
    if (again instanceof HTMLInputElement && focused.value !== focused.defaultValue) again.value = focused.value
    enhance(next)
  }
  document.title = page.title
  return response.url
}

/** Variants and pictures change in place. */
const inlineLinks = scope => {
  for (const link of scope.querySelectorAll('a[data-inline]')) {
    link.addEventListener('click', async event => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      const url = link.href
      if (await swap(url, {}, '[data-swap]').catch(() => false)) history.replaceState(null, '', url)
      else location.href = url
    })
  }
}

/** A choice takes effect at once: one that changes something, in place. */
const autoForms = scope => {
  for (const form of scope.querySelectorAll('form[data-auto]')) {
    if (form.method !== 'post') {
      form.addEventListener('change', () => form.requestSubmit())
      continue
    }
    let timer = 0
    form.addEventListener('change', () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (!form.reportValidity()) return
        inTurn(async () => {
          const body = new URLSearchParams(new FormData(form))
          if (await swap(form.action, { method: 'POST', body }, 'main', '.tools').catch(() => false)) return
          // The server says on a page of its own what is wrong.
          if (form.isConnected) form.requestSubmit()
          else location.reload()
        })
      }, 300)
    })
  }
}

/** Filters stand open beside the list where there is room. */
const wideOpen = scope => {
  const wide = matchMedia('(min-width: 900px)')
  for (const details of scope.querySelectorAll('details[data-wide-open]')) {
    const narrow = details.open
    const fit = () => { details.open = wide.matches || narrow }
    wide.addEventListener('change', fit)
    fit()
  }
}

/** The chosen language is remembered for the next visit. */
const languages = scope => {
  for (const link of scope.querySelectorAll('a[data-language]')) {
    link.addEventListener('click', () => {
      // biome-ignore lint/suspicious/noDocumentCookie: the cookie store is not in every browser
      document.cookie = `zg_locale=${link.dataset.language}; path=/; max-age=5184000; samesite=lax`
    })
  }
}

/** What is sent twice in a hurry is sent once. */
const once = scope => {
  for (const form of scope.querySelectorAll('form[method="post"]')) {
    form.addEventListener('submit', event => {
      if (form.dataset.sent) return event.preventDefault()
      form.dataset.sent = 'yes'
      setTimeout(() => delete form.dataset.sent, 8000)
    })
  }
}
addEventListener('pageshow', () => { for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent })

/** Suggestions below the search field: a listbox that arrow keys walk. */
const suggestions = scope => {
  const form = scope.querySelector('form[data-suggest]')
  if (!form) return
  const input = form.querySelector('input[type="search"]')
  let list = null
  let asked = 0
  let timer = 0
  const close = () => {
    list?.remove()
    list = null
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
  }
  const show = products => {
    close()
    if (!products.length) return
    list = document.createElement('div')
    list.className = 'suggestions'
    list.id = 'suggestions'
    list.setAttribute('role', 'listbox')
    list.setAttribute('aria-label', input.labels[0].textContent)
    products.forEach((product, at) => {
      const link = document.createElement('a')
      link.href = form.dataset.productRoot + encodeURIComponent(product.slug)
      link.textContent = product.name
      link.id = `suggestion-${at}`
      link.tabIndex = -1
      link.setAttribute('role', 'option')
      link.setAttribute('aria-selected', 'false')
      list.append(link)
    })
    form.append(list)
    input.setAttribute('aria-expanded', 'true')
  }
  const ask = async () => {
    const text = input.value.trim()
    const mine = ++asked
    if (!text) return close()
    const query = new URLSearchParams({ q: text, locale: form.dataset.suggestLocale })
    const response = await fetch(`${form.dataset.suggest}?${query}`).catch(() => null)
    if (mine !== asked || !response?.ok) return
    const found = await response.json()
    show((found.products ?? []).slice(0, 7))
  }
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-controls', 'suggestions')
  input.setAttribute('aria-expanded', 'false')
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, 150)
  })
  input.addEventListener('keydown', event => {
    if (event.key === 'Escape' && list) {
      event.preventDefault()
      return close()
    }
    if (!list || !['ArrowDown', 'ArrowUp', 'Enter'].includes(event.key)) return
    const links = [...list.children]
    const at = links.findIndex(link => link.getAttribute('aria-selected') === 'true')
    if (event.key === 'Enter') {
      if (at >= 0) {
        event.preventDefault()
        links[at].click()
      }
      return
    }
    event.preventDefault()
    const next = (at + (event.key === 'ArrowDown' ? 1 : links.length - (at < 0 ? 0 : 1))) % links.length
    links.forEach((link, other) => link.setAttribute('aria-selected', String(other === next)))
    input.setAttribute('aria-activedescendant', links[next].id)
  })
  form.addEventListener('focusout', event => {
    if (!form.contains(event.relatedTarget)) close()
  })
}

/** Province, city and district as lists, each filled by the one before. */
const regions = scope => {
  const box = scope.querySelector('[data-regions]')
  if (!box) return
  const country = box.querySelector('[name="country"]')
  const names = ['province', 'city', 'district']
  const inputs = names.map(name => box.querySelector(`[name="${name}"]`))
  const load = async parent => {
    const query = new URLSearchParams({ country: 'CN', ...(parent ? { parent } : {}) })
    const response = await fetch(`${box.dataset.regions}?${query}`).catch(() => null)
    if (!response?.ok) return []
    const body = await response.json()
    return body.data ?? body
  }
  const asList = (at, items) => {
    const before = inputs[at]
    const select = document.createElement('select')
    for (const name of ['id', 'name', 'required', 'autocomplete', 'aria-invalid', 'aria-describedby']) {
      if (before.hasAttribute(name)) select.setAttribute(name, before.getAttribute(name))
    }
    select.append(new Option(box.dataset.choose, ''))
    for (const item of items) {
      const label = item.name_en && root.lang === 'en' ? `${item.name_en} ${item.name}` : item.name
      const option = new Option(label, item.name, false, before.value !== '' && item.name.startsWith(before.value))
      option.dataset.code = item.code
      select.append(option)
    }
    before.replaceWith(select)
    inputs[at] = select
    select.addEventListener('change', () => below(at))
  }
  const asText = at => {
    const before = inputs[at]
    if (before.tagName === 'INPUT') return
    const input = document.createElement('input')
    for (const name of ['id', 'name', 'required', 'autocomplete', 'aria-invalid', 'aria-describedby']) {
      if (before.hasAttribute(name)) input.setAttribute(name, before.getAttribute(name))
    }
    input.type = 'text'
    before.replaceWith(input)
    inputs[at] = input
  }
  const below = async at => {
    if (at + 1 >= names.length) return
    const code = inputs[at].selectedOptions?.[0]?.dataset.code
    const items = code ? await load(code) : []
    // Some cities have nothing below them.
    if (code && !items.length) asText(at + 1)
    else asList(at + 1, items)
    if (items.length === 1) inputs[at + 1].selectedIndex = 1
    await below(at + 1)
  }
  const start = async () => {
    if (country && country.value !== 'CN') return names.forEach((_, at) => asText(at))
    const items = await load('')
    if (!items.length) return
    asList(0, items)
    await below(0)
  }
  country?.addEventListener('change', start)
  start()
}

/** Checkout saves as it is filled in, so that methods and totals keep up. */
const checkout = scope => {
  const form = scope.querySelector('form[data-checkout]')
  if (!form) return
  let waiting = 0
  const save = async parts => {
    const body = new URLSearchParams(new FormData(form))
    body.set('do', 'save')
    await swap(form.action, { method: 'POST', body }, ...parts).catch(() => false)
    if (--waiting === 0) form.removeAttribute('aria-busy')
  }
  form.addEventListener('change', event => {
    if (event.target.name !== 'shipping_method' && event.target.name !== 'payment_method') return
    // How it is sent decides how it can be paid.
    const parts = event.target.name === 'shipping_method' ? ['[data-summary]', '[data-payment]'] : ['[data-summary]']
    waiting++
    form.setAttribute('aria-busy', 'true')
    inTurn(() => save(parts))
  })
}

const enhance = scope => {
  inlineLinks(scope)
  autoForms(scope)
  wideOpen(scope)
  languages(scope)
  once(scope)
}

enhance(document)
suggestions(document)
regions(document)
checkout(document)
document.querySelector('.problem-box')?.focus()
