export const kind = 'file';
