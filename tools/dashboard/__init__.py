"""Grafana's dashboards as code: `panels` says what is shown (with `rooms` and `services`, by the
questions of `queries`), `grafana` how Grafana reads it, `runbook` makes docs/runbook.md a dashboard
that the panels link to."""
