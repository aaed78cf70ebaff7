// A text of an event's, or of whoever sent it, among the page's own: it turns nothing around it, and hides nothing.

import { visible } from '../visible';

export const Text = ({ of }: { readonly of: unknown }) => <bdi>{visible(String(of ?? ''))}</bdi>;
