/** The auditor's words beside the common ones; loaded with the audit pages alone. */
import { en } from "./en";
import { audit as enAudit } from "./en-audit";
import { useWords } from "./index";
import { vi } from "./vi";
import { audit as viAudit } from "./vi-audit";

export const auditWords = { en: { ...en, ...enAudit }, vi: { ...vi, ...viAudit } };

export type AuditCatalogue = typeof auditWords.en;

export const useAuditText = (): AuditCatalogue => useWords(auditWords);
