using System.Globalization;
using System.Text;
using Autom8.Storage;

namespace Autom8.Security.Audit;

/// <summary>A query as conditions: only those that were asked for, so that the planner sees which index fits.</summary>
internal sealed class AuditFilter
{
    private readonly List<(string Condition, object Value)> conditions = [];
    private bool matchesNothing;

    public AuditFilter(AuditQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit is < 1 or > AuditQuery.MaxLimit)
        {
            throw new ArgumentException($"A page of the audit log holds 1 to {AuditQuery.MaxLimit} entries.", nameof(query));
        }

        Add("\"user\" =", query.User);
        Add("action =", query.Action);
        Add("resource_type =", query.ResourceType);
        Add("resource_id =", query.ResourceId);
        // The bound on the id lets the primary key skip; the one on the timestamp is exact.
        if (query.From is { } from)
        {
            Add("id >=", AuditId.Floor(from.ToUnixTimeMilliseconds()));
            Add("timestamp >=", from.ToMicroseconds());
        }

        if (query.To is { } to)
        {
            Add("id <", AuditId.Floor(to.ToUnixTimeMilliseconds() + 1));
            Add("timestamp <", to.ToMicroseconds());
        }

        Add("id <", query.Cursor);
    }

    /// <summary>The values, in the order of their parameters: <see cref="string"/>, <see cref="Guid"/> or <see cref="DateTimeOffset"/>.</summary>
    public IEnumerable<object> Values => matchesNothing ? [] : conditions.Select(c => c.Value);

    /// <summary>The condition, with parameters written <c>?1</c> or <c>$1</c>.</summary>
    public string ToSql(char marker)
    {
        if (matchesNothing)
        {
            return " where 1 = 0";
        }

        var sql = new StringBuilder();
        for (var i = 0; i < conditions.Count; i++)
        {
            sql.Append(i == 0 ? " where " : " and ").Append(CultureInfo.InvariantCulture, $"{conditions[i].Condition} {marker}{i + 1}");
        }

        return sql.ToString();
    }

    private void Add(string condition, object? value)
    {
        // No entry has a NUL in it, and PostgreSQL takes none.
        matchesNothing |= value is string text && text.Contains('\0', StringComparison.Ordinal);
        if (value is not null)
        {
            conditions.Add((condition, value));
        }
    }
}
