using Autom8.Security.Audit;

namespace Autom8.Contacts.Auditing;

/// <summary>The entries that the contact book leaves in the audit log: names of fields, never what they hold.</summary>
internal static class ContactAudit
{
    private const string Resource = "contact";

    public static AuditEntry Created(Guid id, IEnumerable<string> fields, AuditActor actor) =>
        new("contact.created", actor, Resource, id.ToString(), Fields(fields));

    public static AuditEntry Updated(Guid id, IEnumerable<string> fields, AuditActor actor) =>
        new("contact.updated", actor, Resource, id.ToString(), Fields(fields));

    public static AuditEntry Deleted(Guid id, AuditActor actor) => new("contact.deleted", actor, Resource, id.ToString());

    public static AuditEntry Exported(string mediaType, AuditActor actor) =>
        new("contacts.exported", actor, Resource, null, $$"""{"format":"{{mediaType}}"}""");

    // Field names are this package's own constants: nothing to escape.
    private static string Fields(IEnumerable<string> fields) =>
        $$"""{"fields":[{{string.Join(',', fields.Select(field => $"\"{field}\""))}}]}""";
}
