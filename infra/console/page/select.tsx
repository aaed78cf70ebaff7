// A choice among a few words, with its label.

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly of: readonly string[];
  readonly onChange: (value: string) => void;
}

export const Select = ({ label, value, of, onChange }: SelectProps) => (
  <label class="field">
    <span>{label}</span>
    <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      {of.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  </label>
);
