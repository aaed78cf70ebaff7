// What cannot be drawn is said in its place, and costs nothing beside it: never an empty page.

import { Component, type ComponentChildren } from 'preact';
import { Text } from './text';

interface BoundaryProps {
  /** What is in it, for the reader. */
  readonly what: string;
  /** Where the reader is: somewhere else it is tried again. */
  readonly at: string;
  readonly children: ComponentChildren;
}

interface BoundaryState {
  readonly problem: string | undefined;
}

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { problem: undefined };

  static override getDerivedStateFromError(error: unknown): BoundaryState {
    return { problem: String(error) };
  }

  override componentDidCatch(error: unknown): void {
    reportError(error);
  }

  override componentDidUpdate({ at }: BoundaryProps): void {
    if (at !== this.props.at && this.state.problem !== undefined) this.setState({ problem: undefined });
  }

  override render({ what, children }: BoundaryProps, { problem }: BoundaryState): ComponentChildren {
    if (problem === undefined) return children;
    return (
      <div class="empty is-plain" role="alert">
        <p>
          <b>{what} cannot be shown here.</b>
        </p>
        <p class="problem">
          <Text of={problem} />
        </p>
        <p>
          The other pages still work, and nothing has happened to the events. If it is so again after loading
          the page anew, report it with this text.
        </p>
      </div>
    );
  }
}
