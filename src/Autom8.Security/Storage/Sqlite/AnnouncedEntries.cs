using System.Text.Json.Serialization;
using Autom8.Security.Audit;

namespace Autom8.Security.Storage.Sqlite;

/// <summary>Audit entries that wait in the database for the change they tell of.</summary>
[JsonSerializable(typeof(AuditEntry[]))]
internal sealed partial class AnnouncedEntries : JsonSerializerContext;
