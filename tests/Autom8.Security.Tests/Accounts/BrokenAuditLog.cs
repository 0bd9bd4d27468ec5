using System.Data.Common;
using Autom8.Security.Audit;

namespace Autom8.Security.Tests.Accounts;

/// <summary>An audit log that takes nothing: what is to be recorded must then not happen.</summary>
internal sealed class BrokenAuditLog : IAuditLog
{
    public ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct) => throw new TimeoutException();

    public ValueTask AppendAsync(AuditEntry entry, CancellationToken ct) => throw new TimeoutException();

    public ValueTask<AuditPage> ListAsync(AuditQuery query, CancellationToken ct) => throw new TimeoutException();
}
