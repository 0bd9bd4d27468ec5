using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Autom8.Client;

public sealed partial class Autom8Client
{
    /// <summary>Audit entries, the newest first, read page by page. For administrators.</summary>
    public async IAsyncEnumerable<AuditEntry> ListAuditAsync(
        AuditFilter? filter = null,
        int pageSize = 100,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var query = AuditPath(filter ?? new AuditFilter(), pageSize);
        Guid? cursor = null;
        do
        {
            var page = await SendAsync(
                    HttpMethod.Get,
                    cursor is null ? query : $"{query}&cursor={cursor}",
                    content: null,
                    AuditClientJson.Default.AuditEntryPage,
                    cancellationToken
                )
                .ConfigureAwait(false);
            foreach (var entry in page.Items)
            {
                yield return entry;
            }

            cursor = page.NextCursor;
        } while (cursor is not null);
    }

    /// <summary>Verifies the whole audit log. For administrators; on a long log this takes a while: about a minute for ten million entries.</summary>
    public Task<AuditVerification> VerifyAuditAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "api/v1/audit/verify", content: null, AuditClientJson.Default.AuditVerification, cancellationToken);

    private static string AuditPath(AuditFilter filter, int pageSize)
    {
        var path = new StringBuilder().Append(CultureInfo.InvariantCulture, $"api/v1/audit?limit={pageSize}");
        Add("user", filter.User);
        Add("action", filter.Action);
        Add("resourceType", filter.ResourceType);
        Add("resourceId", filter.ResourceId);
        Add("from", filter.From?.ToString("O", CultureInfo.InvariantCulture));
        Add("to", filter.To?.ToString("O", CultureInfo.InvariantCulture));
        return path.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                path.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }
}
