import React from "react";

interface Props { title: string; onClose?: () => void }

// A panel.
export const Panel: React.FC<Props> = ({ title, onClose }) => {
  const [open, setOpen] = React.useState<boolean>(true);
  return <Frame name={title} onClick={() => setOpen(!open)}><b>{format(title)}</b></Frame>;
};
