import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { Empty } from './Empty'

interface BoundaryProps {
  /** Another address is another page, and another chance. */
  address: string
  children: ReactNode
}

interface State {
  error?: Error
  address: string
}

/** Keeps a page that fails from taking the rest with it: what is around it stays, and there is a way on. */
export class Boundary extends Component<BoundaryProps, State> {
  state: State = { address: this.props.address }

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error }
  }

  static getDerivedStateFromProps(props: BoundaryProps, state: State): Partial<State> | null {
    return props.address === state.address ? null : { error: undefined, address: props.address }
  }

  render() {
    const { error } = this.state
    if (!error) return this.props.children
    // The code of a page is loaded when it is first opened. Every browser says in words of its own that this did not work.
    const notLoaded = /import|module|preload|chunk/i.test(error.message)
    return (
      <Empty
        title={notLoaded ? 'This page could not be loaded' : 'This page does not work at the moment'}
        action={<Button onClick={() => window.location.reload()}>Reload</Button>}
      >
        {notLoaded
          ? 'The server is away, or there is a newer version of it. Your data is safe; reload the page.'
          : 'That is our fault, and your data is safe. Reload the page; if it happens again, tell whoever runs this system what you did.'}
      </Empty>
    )
  }
}
