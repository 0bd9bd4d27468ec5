using System.Data.Common;
using Autom8.Security.Audit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What the chain of the audit log promises on every engine.</summary>
public abstract class AuditChainContract : IAsyncLifetime
{
    private const int Entries = 60;

    private static readonly CancellationToken Ct = CancellationToken.None;

    protected static DateTimeOffset Start { get; } = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    /// <summary>The clock of the log, at <see cref="Start"/>.</summary>
    protected FakeTimeProvider Time { get; } = new(Start);

    protected abstract IAuditLog Log { get; }

    protected abstract IAuditVerifier Verifier { get; }

    protected abstract IAuditRetention Retention { get; }

    /// <summary>Seals all that waits; a checkpoint is due after 20 entries or a minute.</summary>
    protected abstract ValueTask<long> SealAsync();

    /// <summary>Hands the newest checkpoint to the anchor, a file.</summary>
    protected abstract ValueTask AnchorAsync();

    /// <summary>Another process on the same tables, which remembers nothing.</summary>
    protected abstract void Restart();

    /// <summary>Makes another audit key active; the one before verifies, or is destroyed.</summary>
    protected abstract void RotateKey(bool destroy = false);

    /// <summary>Runs work in a transaction of the log's database.</summary>
    protected abstract ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work);

    /// <summary>Runs SQL behind the log's back. <c>{log}</c>, <c>{seal}</c>, <c>{checkpoint}</c> and <c>{cut}</c> are its tables, <c>{zero}</c> is the empty id.</summary>
    protected abstract ValueTask ExecuteAsync(string sql);

    /// <summary>Makes up for what a tool that writes rows back sets off by itself.</summary>
    protected abstract ValueTask ForgetPendingAsync();

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    [Fact]
    public async Task What_was_appended_is_sealed_in_order_and_verifies()
    {
        await AppendAsync(45);
        Assert.Equal((45L, 0L), await CountAsync());
        Assert.Equal(45, await SealAsync());
        Assert.Equal((45L, 45L), await CountAsync());
        Assert.Equal(0, await SealAsync());

        await AppendAsync(3);
        Assert.Equal((48L, 45L), await CountAsync());
        Assert.Equal(3, await SealAsync());
        var verification = await VerifyAsync();
        Assert.Equal((48L, 48L, 1L), (verification.Entries, verification.Sealed, verification.Checkpoints));
        Assert.Equal(45, verification.Newest!.Size);
    }

    [Fact]
    public async Task A_checkpoint_comes_after_a_time_even_when_few_entries_came()
    {
        await AppendAsync(1);
        await SealAsync();
        await AppendAsync(1);
        await SealAsync();
        Assert.Equal(1, (await VerifyAsync()).Newest!.Size);
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, await SealAsync());
        Assert.Equal((2L, Time.GetUtcNow()), ((await VerifyAsync()).Newest!.Size, (await VerifyAsync()).Newest!.Timestamp));
    }

    [Fact]
    public async Task A_checkpoint_is_verified_outside_by_the_public_key_alone()
    {
        await AppendAsync(1);
        await SealAsync();
        var note = (await VerifyAsync()).Newest!.Text;
        var key = Assert.Single(Verifier.VerifierKeys);
        Assert.True(AuditCheckpoint.TryVerify(note, key, out var checkpoint));
        Assert.Equal(1, checkpoint.Size);

        // Any character of the signed part, and any of the signature.
        for (var i = 0; i < note.Length - 1; i++)
        {
            var edited = note.Remove(i, 1).Insert(i, note[i] == '1' ? "2" : "1");
            Assert.False(AuditCheckpoint.TryVerify(edited, key, out _), $"{i} of {note}");
        }
    }

    /// <summary>Whatever is done to the rows, each edit is told, at its place, and nothing else is.</summary>
    [Fact]
    public async Task Every_change_of_what_is_sealed_is_detected_and_located()
    {
        for (var batch = 0; batch < 3; batch++)
        {
            await AppendAsync(Entries / 3);
            Time.Advance(TimeSpan.FromSeconds(1));
            await SealAsync();
            await AnchorAsync();
            if (batch == 0)
            {
                RotateKey();
            }
        }

        await VerifyAsync();
        var ids = await IdsAsync();
        foreach (var table in (string[])["log", "seal", "checkpoint"])
        {
            await ExecuteAsync($"create table {{{table}}}_copy as select * from {{{table}}}");
        }

        var random = new Random(20260304);
        for (var round = 0; round < 60; round++)
        {
            var (name, expected) = await TamperAsync(round % 15, random, ids);
            Restart();
            var verification = await Verifier.VerifyAsync(ct: Ct);
            Assert.True(
                expected.Order(Comparer).SequenceEqual(verification.Findings.Order(Comparer)),
                $"{round}: {name}\nexpected {string.Join("; ", expected)}\nfound {string.Join("; ", verification.Findings)}"
            );
            Assert.Equal(expected.Sum(finding => finding.Count), verification.Failures);
            await RestoreAsync();
        }

        await VerifyAsync();
    }

    [Fact]
    public async Task A_tail_that_is_gone_from_every_table_is_missed_by_the_process_that_saw_it_and_by_the_anchor()
    {
        await AppendAsync(30);
        await SealAsync();
        await AnchorAsync();
        await ExecuteAsync("delete from {log} where id in (select entry_id from {seal} where sequence > 10)");
        await ExecuteAsync("delete from {seal} where sequence > 10");
        await ExecuteAsync("delete from {checkpoint}");

        var expected = new AuditFinding(AuditFindingKind.Truncated, 11, null, 20);
        Assert.Equal([expected], (await Verifier.VerifyAsync(ct: Ct)).Findings);
        Restart();
        Assert.Equal([expected], (await Verifier.VerifyAsync(ct: Ct)).Findings);
    }

    [Fact]
    public async Task A_log_that_goes_on_from_an_older_copy_is_a_fork()
    {
        await AppendAsync(10);
        await SealAsync();
        await ExecuteAsync("create table {log}_copy as select * from {log}");
        await ExecuteAsync("create table {seal}_copy as select * from {seal}");
        await ExecuteAsync("create table {checkpoint}_copy as select * from {checkpoint}");
        await AppendAsync(20);
        await SealAsync();
        var outside = (await VerifyAsync()).Newest!;
        await RestoreAsync();
        Restart();
        await AppendAsync(25);
        await SealAsync();

        await VerifyAsync(); // within the database nothing tells
        Assert.Equal([new AuditFinding(AuditFindingKind.Forked, 30, null)], (await Verifier.VerifyAsync([outside], Ct)).Findings);
    }

    [Fact]
    public async Task A_chain_that_is_shortened_behind_a_sealer_is_not_forgotten_when_it_grows_again()
    {
        await AppendAsync(5);
        await SealAsync();
        await ExecuteAsync("delete from {log} where id in (select entry_id from {seal} where sequence > 2)");
        await ExecuteAsync("delete from {seal} where sequence > 2");
        await ExecuteAsync("delete from {checkpoint}");
        await AppendAsync(5);
        Assert.Equal(5, await SealAsync());
        var finding = Assert.Single((await Verifier.VerifyAsync(ct: Ct)).Findings);
        Assert.Equal((AuditFindingKind.Forked, 5L), (finding.Kind, finding.Sequence));
    }

    [Fact]
    public async Task Keys_rotate_in_the_middle_of_the_chain_and_a_key_that_is_gone_is_told()
    {
        await AppendAsync(5);
        await SealAsync();
        await AppendAsync(2);
        RotateKey();
        await SealAsync();
        await AppendAsync(3);
        await SealAsync();
        await VerifyAsync();
        Assert.Equal(2, Verifier.VerifierKeys.Count);

        RotateKey(destroy: true); // the second key
        var findings = (await Verifier.VerifyAsync(ct: Ct)).Findings;
        Assert.All(findings, finding => Assert.Equal(AuditFindingKind.UnknownKey, finding.Kind));
        Assert.Equal([6L, 7L, 8L, 9L, 10L], findings.Select(finding => finding.Sequence));
    }

    [Fact]
    public async Task A_cut_gives_up_the_oldest_entries_and_what_remains_verifies()
    {
        await AppendAsync(25);
        await SealAsync();
        var cutAt = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromDays(1));
        await AppendAsync(25);
        await SealAsync();
        await AnchorAsync();

        Assert.Equal(0, await Retention.CutAsync(Start.AddDays(-1), AuditActor.System));
        Assert.Equal(25, await Retention.CutAsync(cutAt, new AuditActor("ana")));
        Assert.Equal(0, await Retention.CutAsync(cutAt, new AuditActor("ana")));
        var verification = await VerifyAsync();
        Assert.Equal((26L, 25L, 25L), (verification.Entries, verification.Sealed, verification.Begins));
        var record = Assert.Single((await Log.ListAsync(new AuditQuery { Action = "audit.cut" }, Ct)).Records);
        Assert.Equal(("ana", true), (record.User, record.IsAuthentic));

        // The chain goes on from the cut, also when nothing is left of it.
        await SealAsync();
        Time.Advance(TimeSpan.FromDays(1));
        await SealAsync();
        Assert.Equal(26, await Retention.CutAsync(Time.GetUtcNow(), AuditActor.System));
        Restart();
        await AppendAsync(1);
        Assert.Equal(2, await SealAsync());
        verification = await VerifyAsync();
        Assert.Equal((2L, 2L, 51L), (verification.Entries, verification.Sealed, verification.Begins));
        Assert.Equal(51, verification.Newest!.Size);
    }

    [Fact]
    public async Task What_is_cut_without_the_key_is_missing()
    {
        await AppendAsync(25);
        await SealAsync();
        await AppendAsync(25);
        await SealAsync();
        await ExecuteAsync("delete from {log} where id in (select entry_id from {seal} where sequence <= 25)");
        await ExecuteAsync("delete from {seal} where sequence <= 25");
        var missing = new AuditFinding(AuditFindingKind.SealMissing, 1, null, 25);
        Assert.Equal([missing], (await Verifier.VerifyAsync(ct: Ct)).Findings);

        // A checkpoint is no cut.
        await ExecuteAsync("insert into {cut} select * from {checkpoint} where size = 25");
        Assert.Equal([new AuditFinding(AuditFindingKind.CutEdited, 25, null), missing], (await Verifier.VerifyAsync(ct: Ct)).Findings);
    }

    [Fact]
    public async Task A_cut_that_a_crash_has_stopped_verifies_and_is_finished_by_the_next()
    {
        await AppendAsync(25);
        await SealAsync();
        await AppendAsync(25);
        await SealAsync();
        await ExecuteAsync("create table {log}_copy as select * from {log}");
        await ExecuteAsync("create table {seal}_copy as select * from {seal}");
        Assert.Equal(50, await Retention.CutAsync(Time.GetUtcNow(), AuditActor.System));
        // As it stands when the cut was written and half of it deleted.
        await ExecuteAsync("insert into {seal} select * from {seal}_copy where sequence > 20");
        await ExecuteAsync("insert into {log} select * from {log}_copy where id in (select entry_id from {seal} where sequence > 20)");
        await ForgetPendingAsync();
        await VerifyAsync();
        await SealAsync();
        await VerifyAsync();
        Assert.Equal(30, await Retention.CutAsync(Start, AuditActor.System));
        await VerifyAsync();
    }

    [Fact]
    public async Task The_log_is_not_cut_at_a_checkpoint_that_is_not_genuine()
    {
        await AppendAsync(25);
        await SealAsync();
        await ExecuteAsync("update {checkpoint} set note = replace(note, 'a', 'b')");
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Retention.CutAsync(Time.GetUtcNow(), AuditActor.System));
        Assert.Equal((25L, 25L), await CountAsync(findings: 1));
    }

    [Fact]
    public async Task A_check_while_entries_are_appended_sealed_and_cut_reports_nothing()
    {
        await AppendAsync(50);
        await SealAsync();
        using var done = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                await AppendAsync(3);
                await SealAsync();
                if (i % 20 == 19)
                {
                    await Retention.CutAsync(Time.GetUtcNow(), AuditActor.System);
                }
            }

            await done.CancelAsync();
        });
        var checks = 0;
        do
        {
            await VerifyAsync();
            checks++;
        } while (!done.IsCancellationRequested);

        await writer;
        Assert.True(checks > 0);
        await VerifyAsync();
    }

    [Fact]
    public async Task Sealers_at_the_same_time_take_no_position_twice_and_leave_none_out()
    {
        var appending = Enumerable.Range(0, 4).Select(_ => Task.Run(() => AppendAsync(100))).ToArray();
        var sealing = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!Task.WhenAll(appending).IsCompleted)
                    {
                        await SealAsync();
                    }
                })
            )
            .ToArray();
        await Task.WhenAll([.. appending, .. sealing]);
        await SealAsync();
        Assert.Equal((400L, 400L), await CountAsync());
    }

    [Fact]
    public async Task Many_entries_are_appended_in_one_transaction()
    {
        AuditEntry[] entries = [.. Enumerable.Range(0, 300).Select(i => Entry($"u{i}"))];
        await InTransactionAsync(transaction => Log.AppendAsync(entries, transaction, Ct));
        await InTransactionAsync(transaction => Log.AppendAsync(Array.Empty<AuditEntry>(), transaction, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await InTransactionAsync(transaction => Log.AppendAsync([Entry("u"), Entry("a\nb")], transaction, Ct))
        );
        Assert.Equal(300, await SealAsync());
        Assert.Equal((300L, 300L), await CountAsync());
    }

    private async Task<(string Name, List<AuditFinding> Expected)> TamperAsync(int kind, Random random, List<Guid> ids)
    {
        var a = random.Next(1, Entries + 1);
        var b = 1 + ((a - 1 + random.Next(1, Entries)) % Entries);
        string Id(int sequence) => $"(select entry_id from {{seal}}_copy where sequence = {sequence})";
        AuditFinding At(AuditFindingKind found, int sequence) => new(found, sequence, ids[sequence - 1]);
        switch (kind)
        {
            case 0:
                string[] edits = ["action = 'x.forged'", "resource_id = null", "details = '{}'", "request_id = 'r'", "subject = {zero}"];
                var edit = edits[random.Next(edits.Length)];
                await ExecuteAsync($"update {{log}} set {edit} where id = {Id(a)}");
                return ($"{edit} of {a}", [At(AuditFindingKind.Edited, a)]);
            case 1:
                await ExecuteAsync($"delete from {{log}} where id = {Id(a)}");
                return ($"entry {a} deleted", [At(AuditFindingKind.Deleted, a)]);
            case 2:
                a = Math.Min(a, Entries - 1);
                await ExecuteAsync($"delete from {{seal}} where sequence = {a}");
                return (
                    $"seal {a} deleted",
                    [new AuditFinding(AuditFindingKind.SealMissing, a, null), new AuditFinding(AuditFindingKind.Unsealed, null, ids[a - 1])]
                );
            case 3:
            case 4:
                await ExecuteAsync($"update {{seal}} set sequence = 1000 where sequence = {a}");
                await ExecuteAsync($"update {{seal}} set sequence = {a} where sequence = {b}");
                await ExecuteAsync($"update {{seal}} set sequence = {b} where sequence = 1000");
                if (kind == 4)
                {
                    await ExecuteAsync(
                        $"update {{seal}} set chain = (select c.chain from {{seal}}_copy c where c.sequence = {{seal}}.sequence) where sequence in ({a}, {b})".Replace(
                            "{seal}.",
                            "{sealname}.",
                            StringComparison.Ordinal
                        )
                    );
                }

                return (
                    $"seals {a} and {b} exchanged",
                    [
                        new AuditFinding(AuditFindingKind.Reordered, a, ids[b - 1]),
                        new AuditFinding(AuditFindingKind.Reordered, b, ids[a - 1]),
                    ]
                );
            case 5:
            case 6:
                await ExecuteAsync($"delete from {{log}} where id in (select entry_id from {{seal}} where sequence >= {a})");
                await ExecuteAsync($"delete from {{seal}} where sequence >= {a}");
                if (kind == 6)
                {
                    await ExecuteAsync($"delete from {{checkpoint}} where size >= {a}");
                }

                return ($"truncated at {a}", [new AuditFinding(AuditFindingKind.Truncated, a, null, Entries - a + 1)]);
            case 7:
                await ExecuteAsync(
                    $"update {{seal}} set chain = (select chain from {{seal}}_copy where sequence = {b}) where sequence = {a}"
                );
                return ($"chain value of {a} is that of {b}", [At(AuditFindingKind.SealEdited, a)]);
            case 8:
                await ExecuteAsync(
                    $"update {{log}} set \"user\" = (select \"user\" from {{log}}_copy where id = {Id(b)}) where id = {Id(a)}"
                );
                await ExecuteAsync(
                    $"update {{log}} set \"user\" = (select \"user\" from {{log}}_copy where id = {Id(a)}) where id = {Id(b)}"
                );
                return ($"users of {a} and {b} exchanged", [At(AuditFindingKind.Edited, a), At(AuditFindingKind.Edited, b)]);
            case 9:
                await ExecuteAsync($"update {{log}} set id = {{zero}} where id = {Id(a)}");
                await ExecuteAsync($"update {{log}} set id = {Id(a)} where id = {Id(b)}");
                await ExecuteAsync($"update {{log}} set id = {Id(b)} where id = {{zero}}");
                return ($"entries {a} and {b} exchanged", [At(AuditFindingKind.Edited, a), At(AuditFindingKind.Edited, b)]);
            case 10:
                a = Math.Min(a, Entries - 1);
                await ExecuteAsync($"delete from {{log}} where id = {Id(a)}");
                await ExecuteAsync($"delete from {{seal}} where sequence = {a}");
                return ($"entry and seal {a} deleted", [new AuditFinding(AuditFindingKind.SealMissing, a, null)]);
            case 11:
                await ExecuteAsync($"delete from {{log}} where id = {Id(a)}");
                await ExecuteAsync($"delete from {{log}} where id = {Id(b)}");
                return ($"entries {a} and {b} deleted", [At(AuditFindingKind.Deleted, a), At(AuditFindingKind.Deleted, b)]);
            case 12:
                await ExecuteAsync("update {checkpoint} set note = replace(note, 'key ', 'kez ') where size = 40");
                return ("checkpoint edited", [new AuditFinding(AuditFindingKind.CheckpointEdited, 40, null)]);
            case 13:
                await ExecuteAsync(
                    $"update {{log}} set mac = (select mac from {{log}}_copy where id = {Id(b)}), action = 'x.forged' where id = {Id(a)}"
                );
                return ($"entry {a} edited, with the MAC of {b}", [At(AuditFindingKind.Edited, a)]);
            default:
                await ExecuteAsync($"update {{seal}} set key_id = 'AAAAAAAAAAAAAAAAAAAAAA' where sequence = {a}");
                return ($"key of seal {a} edited", [At(AuditFindingKind.UnknownKey, a)]);
        }
    }

    private async Task RestoreAsync()
    {
        foreach (var table in (string[])["log", "seal", "checkpoint"])
        {
            await ExecuteAsync($"delete from {{{table}}}");
            await ExecuteAsync($"insert into {{{table}}} select * from {{{table}}}_copy");
        }

        await ForgetPendingAsync();
    }

    private static Comparer<AuditFinding> Comparer { get; } =
        Comparer<AuditFinding>.Create((x, y) => (x.Sequence ?? 0, x.Kind).CompareTo((y.Sequence ?? 0, y.Kind)));

    private int appended;

    protected async Task AppendAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Log.AppendAsync(Entry($"user-{Interlocked.Increment(ref appended)}"), Ct);
        }
    }

    protected static AuditEntry Entry(string user) =>
        new("contact.updated", new AuditActor(user, "req-1"), "contact", "c-1", """{"fields":["name"]}""");

    protected async Task<AuditVerification> VerifyAsync()
    {
        var verification = await Verifier.VerifyAsync(ct: Ct);
        Assert.True(verification.Holds, string.Join("; ", verification.Findings));
        return verification;
    }

    protected async Task<(long Entries, long Sealed)> CountAsync(int findings = 0)
    {
        var verification = await Verifier.VerifyAsync(ct: Ct);
        Assert.True(findings == verification.Failures, string.Join("; ", verification.Findings));
        return (verification.Entries, verification.Sealed);
    }

    /// <summary>The entries' ids in the order of the chain, which here is that of the users' numbers.</summary>
    private async Task<List<Guid>> IdsAsync()
    {
        var page = await Log.ListAsync(new AuditQuery { Limit = 500 }, Ct);
        return
        [
            .. page
                .Records.OrderBy(record => int.Parse(record.User.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture))
                .Select(record => record.Id),
        ];
    }
}
