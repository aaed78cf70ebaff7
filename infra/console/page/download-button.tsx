// A text as a file, made in the page: nothing is asked of anybody.

interface DownloadButtonProps {
  readonly label: string;
  readonly name: string;
  readonly text: () => string;
}

export const DownloadButton = ({ label, name, text }: DownloadButtonProps) => {
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([text()], { type: 'application/x-ndjson' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    // The browser has begun to read it by then.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <button type="button" class="button" onClick={download}>
      {label}
    </button>
  );
};
