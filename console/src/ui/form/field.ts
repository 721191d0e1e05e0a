import type { FieldProblem } from '@/api/problem'

/**
 * One place in a form's values: reads it, changes it, knows its JSON pointer,
 * and so finds the server's problems with it.
 */
export class Field<T> {
  constructor(
    readonly pointer: string,
    readonly value: T,
    readonly update: (change: (before: T) => T) => void,
    private readonly problems: readonly FieldProblem[],
    readonly scope: string,
  ) {}

  /** Its id on the page; the summary of problems links to it. */
  get id(): string {
    return `${this.scope}${this.pointer.replaceAll('/', '-')}`
  }

  /** What is wrong exactly here. */
  get errors(): readonly string[] {
    return this.problems.filter(problem => problem.pointer === this.pointer).map(problem => problem.detail)
  }

  /** What is wrong here and in its members: for an input that edits all of them. */
  get errorsWithin(): readonly string[] {
    return this.problems
      .filter(({ pointer }) => pointer === this.pointer || pointer.startsWith(`${this.pointer}/`))
      .map(problem => problem.detail)
  }

  set(value: T): void {
    this.update(() => value)
  }

  /** A member: `field.at('address').at('city')`. */
  at<K extends keyof T & string>(key: K): Field<T[K]> {
    return new Field<T[K]>(
      `${this.pointer}/${escaped(key)}`,
      this.value[key],
      change => this.update(before => Object.assign({}, before, { [key]: change(before[key]) })),
      this.problems,
      this.scope,
    )
  }

  /** The same place, read and written as something else. */
  seen<U>(to: (value: T) => U, from: (value: U) => T): Field<U> {
    return new Field<U>(
      this.pointer,
      to(this.value),
      change => this.update(before => from(change(to(before)))),
      this.problems,
      this.scope,
    )
  }

  /** A text in a record of them; one that is missing is empty. */
  text(this: Field<Readonly<Record<string, string>>>, key: string): Field<string> {
    return new Field<string>(
      `${this.pointer}/${escaped(key)}`,
      this.value[key] ?? '',
      change => this.update(before => ({ ...before, [key]: change(before[key] ?? '') })),
      this.problems,
      this.scope,
    )
  }
}

/** The items of an array's field. */
export function items<I>(field: Field<readonly I[]>, problems: readonly FieldProblem[]): readonly Field<I>[] {
  return field.value.map(
    (item, at) =>
      new Field<I>(
        `${field.pointer}/${at}`,
        item,
        change => field.update(before => before.map((each, place) => (place === at ? change(each) : each))),
        problems,
        field.scope,
      ),
  )
}

export function append<I>(field: Field<readonly I[]>, item: I): void {
  field.update(before => [...before, item])
}

export function removeAt<I>(field: Field<readonly I[]>, at: number): void {
  field.update(before => before.filter((_, place) => place !== at))
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
