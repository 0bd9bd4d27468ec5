using System.Data.Common;
using Autom8.Security.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What the audit log promises on every engine.</summary>
public abstract class AuditLogContract : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    protected static DateTimeOffset Start { get; } = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    /// <summary>The clock of the log, at <see cref="Start"/>.</summary>
    protected FakeTimeProvider Time { get; } = new(Start);

    protected abstract IAuditLog Log { get; }

    protected abstract IAuditVerifier Verifier { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>Runs work in a transaction of the log's database; it is rolled back when the work throws.</summary>
    protected abstract ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work);

    /// <summary>Runs SQL behind the log's back. The token <c>{log}</c> is its table.</summary>
    protected abstract ValueTask ExecuteAsync(string sql);

    [Fact]
    public async Task What_is_appended_is_read_back_and_its_seal_holds()
    {
        Time.Advance(TimeSpan.FromTicks(1_234_567));
        var entry = new AuditEntry("contact.updated", new AuditActor("Ana Ñ 李", "req-1"), "contact", "c-1", """{"fields":["name"]}""");
        await Log.AppendAsync(entry, Ct);

        var record = Assert.Single((await Log.ListAsync(new AuditQuery(), Ct)).Records);
        Assert.Equal(
            new AuditRecord(
                record.Id,
                entry.Action,
                "Ana Ñ 李",
                "contact",
                "c-1",
                entry.Details,
                Start.AddTicks(1_234_560),
                "req-1",
                IsAuthentic: true
            ),
            record
        );
        Assert.Equal(7, record.Id.Version);
        Assert.True((await Verifier.VerifyAsync(ct: Ct)).Holds);
    }

    [Fact]
    public async Task Absent_parts_stay_absent()
    {
        await Log.AppendAsync(new AuditEntry("keys.rotated", AuditActor.System, "keyring", null), Ct);

        var record = Assert.Single((await Log.ListAsync(new AuditQuery(), Ct)).Records);
        Assert.Null(record.ResourceId);
        Assert.Null(record.Details);
        Assert.Null(record.RequestId);
        Assert.True(record.IsAuthentic);
    }

    [Fact]
    public async Task An_entry_vanishes_with_the_transaction_that_rolls_back()
    {
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await InTransactionAsync(async transaction =>
            {
                await Log.AppendAsync(Entry("a.b"), transaction, Ct);
                throw new TimeoutException("the change failed");
            })
        );
        Assert.Empty((await Log.ListAsync(new AuditQuery(), Ct)).Records);

        await InTransactionAsync(transaction => Log.AppendAsync(Entry("a.c"), transaction, Ct));
        Assert.Equal("a.c", Assert.Single((await Log.ListAsync(new AuditQuery(), Ct)).Records).Action);
    }

    [Theory]
    [InlineData("action = 'contact.deleted'")]
    [InlineData("\"user\" = 'eve'")]
    [InlineData("resource_type = 'account'")]
    [InlineData("resource_id = 'c-2'")]
    [InlineData("resource_id = null")]
    [InlineData("details = '{}'")]
    [InlineData("details = null")]
    [InlineData("request_id = 'req-2'")]
    [InlineData("request_id = ''")]
    [InlineData("key_id = 'AAAAAAAAAAAAAAAAAAAAAA'")]
    [InlineData("action = resource_type, resource_type = action")]
    [InlineData("resource_id = \"user\", \"user\" = resource_id")]
    [InlineData("resource_id = request_id, request_id = resource_id")]
    public async Task An_edited_row_is_reported(string edit)
    {
        await Log.AppendAsync(Entry("contact.updated"), Ct);
        await Log.AppendAsync(Full("contact.created"), Ct);
        await Log.AppendAsync(Entry("contact.updated"), Ct);
        var edited = Assert.Single((await Log.ListAsync(new AuditQuery { Action = "contact.created" }, Ct)).Records).Id;

        await ExecuteAsync($"update {{log}} set {edit} where action = 'contact.created'");

        var verification = await Verifier.VerifyAsync(ct: Ct);
        Assert.Equal((3L, 1L), (verification.Entries, verification.Failures));
        var kind = edit.StartsWith("key_id", StringComparison.Ordinal) ? AuditFindingKind.UnknownKey : AuditFindingKind.Edited;
        Assert.Equal([new AuditFinding(kind, null, edited)], verification.Findings);
        var page = await Log.ListAsync(new AuditQuery(), Ct);
        Assert.Equal([edited], page.Records.Where(r => !r.IsAuthentic).Select(r => r.Id));
    }

    [Theory]
    [InlineData("resource_id = ''")]
    [InlineData("details = ''")]
    [InlineData("request_id = ''")]
    public async Task Absent_is_not_the_same_as_empty(string edit)
    {
        await Log.AppendAsync(new AuditEntry("keys.rotated", AuditActor.System, "keyring", null), Ct);

        await ExecuteAsync($"update {{log}} set {edit}");

        Assert.Equal(1, (await Verifier.VerifyAsync(ct: Ct)).Failures);
    }

    [Fact]
    public async Task A_row_with_the_seal_of_another_row_is_reported()
    {
        await Log.AppendAsync(Full("contact.created"), Ct);
        await Log.AppendAsync(Full("contact.deleted"), Ct);

        await ExecuteAsync(
            "update {log} set mac = (select mac from {log} where action = 'contact.created') where action = 'contact.deleted'"
        );

        Assert.Equal(1, (await Verifier.VerifyAsync(ct: Ct)).Failures);
    }

    [Fact]
    public async Task Pages_run_from_the_newest_to_the_oldest_without_gap_or_repetition()
    {
        for (var i = 0; i < 25; i++)
        {
            Time.Advance(TimeSpan.FromMicroseconds(1));
            await Log.AppendAsync(Entry($"step.n{i}"), Ct);
        }

        var seen = new List<string>();
        Guid? cursor = null;
        var pages = 0;
        do
        {
            var page = await Log.ListAsync(new AuditQuery { Limit = 10, Cursor = cursor }, Ct);
            seen.AddRange(page.Records.Select(r => r.Action));
            cursor = page.NextCursor;
        } while (cursor is not null && ++pages < 10);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"step.n{i}"), seen);
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task A_page_that_ends_exactly_at_the_oldest_entry_is_the_last()
    {
        await Log.AppendAsync(Entry("a.b"), Ct);
        await Log.AppendAsync(Entry("a.c"), Ct);

        Assert.Null((await Log.ListAsync(new AuditQuery { Limit = 2 }, Ct)).NextCursor);
    }

    [Fact]
    public async Task Filters_narrow_and_combine()
    {
        foreach (var (action, user, type, id) in Combinations())
        {
            await Log.AppendAsync(new AuditEntry(action, new AuditActor(user), type, id), Ct);
        }

        Assert.Equal(8, await CountAsync(new AuditQuery { User = "ana" }));
        Assert.Equal(8, await CountAsync(new AuditQuery { Action = "x.created" }));
        Assert.Equal(8, await CountAsync(new AuditQuery { ResourceType = "task" }));
        Assert.Equal(8, await CountAsync(new AuditQuery { ResourceId = "1" }));
        Assert.Equal(
            2,
            await CountAsync(
                new AuditQuery
                {
                    User = "ana",
                    ResourceType = "task",
                    ResourceId = "1",
                }
            )
        );
        Assert.Equal(
            1,
            await CountAsync(
                new AuditQuery
                {
                    User = "bo",
                    Action = "x.deleted",
                    ResourceType = "contact",
                    ResourceId = "2",
                }
            )
        );
        Assert.Equal(0, await CountAsync(new AuditQuery { User = "' or 1=1 --" }));
    }

    [Fact]
    public async Task A_filter_with_a_NUL_matches_nothing()
    {
        Assert.Empty((await Log.ListAsync(new AuditQuery { User = "a\0" }, default)).Records);
        Assert.Empty((await Log.ListAsync(new AuditQuery { Action = "\0", From = DateTimeOffset.UnixEpoch }, default)).Records);
    }

    [Fact]
    public async Task A_span_of_time_includes_its_beginning_and_excludes_its_end()
    {
        for (var i = 0; i < 5; i++)
        {
            await Log.AppendAsync(Entry($"t.n{i}"), Ct);
            Time.Advance(TimeSpan.FromMicroseconds(400));
        }

        var page = await Log.ListAsync(new AuditQuery { From = Start.AddMicroseconds(400), To = Start.AddMicroseconds(1600) }, Ct);
        Assert.Equal(["t.n3", "t.n2", "t.n1"], page.Records.Select(r => r.Action));
        Assert.Equal(5, await CountAsync(new AuditQuery { From = DateTimeOffset.MinValue, To = DateTimeOffset.MaxValue }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task A_page_is_bounded(int limit) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Log.ListAsync(new AuditQuery { Limit = limit }, Ct));

    [Fact]
    public async Task An_entry_that_is_too_long_or_malformed_is_refused_and_nothing_is_written()
    {
        AuditEntry[] bad =
        [
            Entry(""),
            Entry("Contact.Created"),
            Entry("1st"),
            Entry(new string('a', 65)),
            Entry("a.b") with
            {
                ResourceType = "a b",
            },
            Entry("a.b") with
            {
                ResourceId = "",
            },
            Entry("a.b") with
            {
                ResourceId = new string('x', 201),
            },
            Entry("a.b") with
            {
                Actor = default,
            },
            Entry("a.b") with
            {
                Actor = new AuditActor("a\nb"),
            },
            Entry("a.b") with
            {
                Actor = new AuditActor("a\ud800b"),
            },
            Entry("a.b") with
            {
                Actor = new AuditActor("ana", "a\0b"),
            },
            Entry("a.b") with
            {
                Details = "[]",
            },
            Entry("a.b") with
            {
                Personal = "{}",
            },
            Entry("a.b") with
            {
                Subject = Guid.Empty,
            },
            Entry("a.b") with
            {
                Subject = Subject,
                Personal = "[]",
            },
            Entry("a.b") with
            {
                Subject = Subject,
                Personal = $$"""{"a":"{{new string('é', 4096)}}"}""",
            },
            Entry("a.b") with
            {
                Details = "{} {}",
            },
            Entry("a.b") with
            {
                Details = "{\"a\":",
            },
            Entry("a.b") with
            {
                Details = $$"""{"a":"{{new string('é', 4096)}}"}""",
            },
            Entry("a.b") with
            {
                Details = string.Concat(Enumerable.Repeat("{\"a\":", 9)) + "1" + new string('}', 9),
            },
        ];
        foreach (var entry in bad)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Log.AppendAsync(entry, Ct));
            await Assert.ThrowsAsync<ArgumentException>(async () =>
                await InTransactionAsync(transaction => Log.AppendAsync(entry, transaction, Ct))
            );
        }

        Assert.Equal(0, (await Verifier.VerifyAsync(ct: Ct)).Entries);
        await Log.AppendAsync(Entry("a.b") with { Details = $$"""{"a":"{{new string('é', 4092)}}"}""" }, Ct);
        Assert.True((await Verifier.VerifyAsync(ct: Ct)).Holds);
    }

    [Fact]
    public async Task A_check_goes_through_more_entries_than_it_reads_at_once()
    {
        await InTransactionAsync(async transaction =>
        {
            for (var i = 0; i < 2_001; i++)
            {
                await Log.AppendAsync(Full("contact.created"), transaction, Ct);
            }
        });
        await ExecuteAsync("update {log} set details = '{\"fields\":[]}' where id = (select id from {log} order by id desc limit 1)");

        var verification = await Verifier.VerifyAsync(ct: Ct);
        Assert.Equal((2_001L, 1L), (verification.Entries, verification.Failures));
    }

    [Fact]
    public async Task Personal_values_are_stored_encrypted_and_read_back()
    {
        var entry = Entry("contact.updated") with { Subject = Subject, Personal = """{"phone":"+1 415 555 0199"}""" };
        await Log.AppendAsync(entry, Ct);
        var record = Assert.Single((await Log.ListAsync(new AuditQuery(), Ct)).Records);
        Assert.Equal((Subject, entry.Personal, false, true), (record.Subject, record.Personal, record.IsErased, record.IsAuthentic));

        // Moved to another entry it is neither authentic nor read.
        await Log.AppendAsync(Entry("contact.viewed") with { Subject = Subject, Personal = "{}" }, Ct);
        await ExecuteAsync(
            "update {log} set personal = (select personal from {log} where action = 'contact.updated') where action = 'contact.viewed'"
        );
        record = Assert.Single((await Log.ListAsync(new AuditQuery { Action = "contact.viewed" }, Ct)).Records);
        Assert.Equal((null, false, false), (record.Personal, record.IsErased, record.IsAuthentic));
    }

    [Theory]
    [InlineData("subject = null")]
    [InlineData("personal = null")]
    [InlineData("subject = null, personal = null")]
    public async Task A_personal_part_that_is_taken_away_is_reported(string edit)
    {
        await Log.AppendAsync(Entry("contact.updated") with { Subject = Subject, Personal = "{}" }, Ct);
        await ExecuteAsync($"update {{log}} set {edit}");
        Assert.Equal(AuditFindingKind.Edited, Assert.Single((await Verifier.VerifyAsync(Ct)).Findings).Kind);
    }

    private static Guid Subject { get; } = new("01900000-0000-7000-8000-000000000001");

    private static IEnumerable<(string Action, string User, string Type, string Id)> Combinations() =>
        from action in new[] { "x.created", "x.deleted" }
        from user in new[] { "ana", "bo" }
        from type in new[] { "task", "contact" }
        from id in new[] { "1", "2" }
        select (action, user, type, id);

    private static AuditEntry Entry(string action) => new(action, new AuditActor("ana"), "contact", "c-1");

    private static AuditEntry Full(string action) =>
        new(action, new AuditActor("ana", "req-1"), "contact", "c-1", """{"fields":["name"]}""");

    private async Task<int> CountAsync(AuditQuery query) => (await Log.ListAsync(query, Ct)).Records.Count;
}
