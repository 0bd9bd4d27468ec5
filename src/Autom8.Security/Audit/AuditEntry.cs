namespace Autom8.Security.Audit;

/// <summary>Something that was done, to be recorded.</summary>
/// <param name="Action">What was done, such as <c>contact.updated</c>: lower-case letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, beginning with a letter, at most 64.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="ResourceType">What it was done to, such as <c>contact</c>: the same alphabet and length.</param>
/// <param name="ResourceId">Which one: 1 to 200 characters without control characters. Null for events that concern none.</param>
/// <param name="Details">A JSON object of at most 8 KiB in UTF-8 and eight levels: names of fields that changed, counts, reasons. Never personal values,
/// passwords or keys: this part cannot be erased.</param>
/// <param name="Subject">The person that <paramref name="Personal"/> is about.</param>
/// <param name="Personal">A JSON object of the same bounds with personal values. It is stored encrypted and can be read until the subject's key is destroyed; the
/// entry's MAC is over the ciphertext, so that it holds thereafter too. Needs a subject.</param>
public sealed record AuditEntry(
    string Action,
    AuditActor Actor,
    string ResourceType,
    string? ResourceId,
    string? Details = null,
    Guid? Subject = null,
    string? Personal = null
);
