"""Bayan's entrypoint: navigation over pages/."""

from lib.ui.frame import navigate

navigate().run()
