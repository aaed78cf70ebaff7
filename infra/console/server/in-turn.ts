// Actions one after the other, in the order in which they were asked for, whether those before them failed or not.

export type InTurn = <T>(action: () => Promise<T>) => Promise<T>;

export const oneAfterTheOther = (): InTurn => {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const next = last.then(action, action);
    last = next.catch(() => {});
    return next;
  };
};
