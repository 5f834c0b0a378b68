/** Roles only: copy and paste work by them on every system, and nothing here reaches outside the window. */
import { Menu, type MenuItemConstructorOptions } from 'electron'

export function setMenu(): void {
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : []
  const quit: MenuItemConstructorOptions[] =
    process.platform === 'darwin' ? [{ role: 'close' }] : [{ role: 'quit' }]
  const zoom: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ]
  const template: MenuItemConstructorOptions[] = [
    ...mac,
    { label: 'File', submenu: quit },
    { role: 'editMenu' },
    { label: 'View', submenu: zoom },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
