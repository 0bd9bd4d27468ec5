using System.Data.Common;
using Autom8.Security.Encryption;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Testing.Security;

/// <summary>What keys of subjects promise on every engine, as an application sees them, on one node and between two.</summary>
public abstract class SubjectKeyContract : IAsyncLifetime
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly Guid Ann = new("0198c0de-0000-7000-8000-00000000000a");
    private static readonly Guid Bea = new("0198c0de-0000-7000-8000-00000000000b");

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    /// <summary>How long the nodes keep keys.</summary>
    protected static TimeSpan CacheDuration => TimeSpan.FromSeconds(10);

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>Keys and fields with a memory of their own over the same database, as another node has.</summary>
    protected abstract (ISubjectKeys Keys, IFieldProtector Fields) CreateNode();

    protected abstract ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work);

    /// <summary>Runs SQL behind the program's back. The token <c>{prefix}</c> is what the names of tables begin with.</summary>
    protected abstract ValueTask ExecuteAsync(string sql);

    [Fact]
    public async Task A_saved_key_reads_what_it_wrote_on_every_node()
    {
        var (keys, fields) = CreateNode();
        var field = await WriteAsync(keys, fields, Ann, "+12125550142");

        foreach (var (otherKeys, otherFields) in new[] { (keys, fields), CreateNode() })
        {
            using var lease = await otherKeys.ReadAsync(new[] { Ann }, Ct);
            Assert.Equal("+12125550142", otherFields.Unprotect(field, Phone(Ann)));
        }
    }

    [Fact]
    public async Task A_key_that_no_transaction_committed_does_not_exist()
    {
        var (keys, fields) = CreateNode();
        EncryptedField field = default;
        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            using var lease = keys.Create([Ann]);
            field = fields.Protect("x", Phone(Ann));
            await InTransactionAsync(async transaction =>
            {
                await lease.SaveAsync(transaction, Ct);
                throw new TimeoutException("the write failed");
            });
        });

        using var none = await keys.ReadAsync(new[] { Ann }, Ct);
        Assert.Equal(FieldProtectionFailure.UnknownKey, Failure(fields, field, Ann));
        await WriteAsync(keys, fields, Ann, "anew");
    }

    [Fact]
    public async Task A_page_of_subjects_is_read_whole_with_those_that_have_no_key_left_out()
    {
        var (keys, fields) = CreateNode();
        var subjects = Enumerable.Range(1, 150).Select(i => new Guid(i, 0, 0, new byte[8])).ToArray();
        var written = subjects.Where((_, i) => i % 3 != 0).ToArray();
        var cipher = new Dictionary<Guid, EncryptedField>();
        using (var lease = keys.Create(written))
        {
            foreach (var subject in written)
            {
                cipher[subject] = fields.Protect($"{subject}", Phone(subject));
            }

            await InTransactionAsync(transaction => lease.SaveAsync(transaction, Ct));
        }

        var (otherKeys, otherFields) = CreateNode();
        foreach (var count in (int[])[1, 2, 8, 9, 64, 65, 150])
        {
            // The middle of the list twice: a page may name a subject more than once.
            using var lease = await otherKeys.ReadAsync(subjects[..count].Concat(subjects[(count / 2)..count]).ToArray(), Ct);
            Assert.All(written.Intersect(subjects[..count]), s => Assert.Equal($"{s}", otherFields.Unprotect(cipher[s], Phone(s))));
        }

        using var all = await otherKeys.ReadAsync(subjects, Ct);
        Assert.Throws<FieldProtectionException>(() => otherFields.Protect("x", Phone(subjects[0])));
    }

    [Fact]
    public async Task A_shredded_subject_can_be_neither_read_nor_written_nor_given_a_key_again()
    {
        var (keys, fields) = CreateNode();
        var field = await WriteAsync(keys, fields, Ann, "secret");
        var other = await WriteAsync(keys, fields, Bea, "stays");
        using var lease = await keys.ReadAsync(new[] { Ann, Bea }, Ct);
        Assert.Equal("secret", fields.Unprotect(field, Phone(Ann)));

        Assert.True(await keys.ShredAsync(Ann, Ct));
        Assert.False(await keys.ShredAsync(Ann, Ct));

        Assert.NotNull(Failure(fields, field, Ann)); // at once, though a lease was held
        using var after = await keys.ReadOrCreateAsync(new[] { Ann }, Ct);
        Assert.Equal(FieldProtectionFailure.Shredded, Failure(fields, field, Ann));
        var refused = Assert.Throws<FieldProtectionException>(() => fields.Protect("x", Phone(Ann)));
        Assert.Equal(FieldProtectionFailure.Shredded, refused.Failure);
        Assert.Equal("stays", fields.Unprotect(other, Phone(Bea)));
        Assert.Equal(SubjectKeyFailure.Shredded, await SaveFailureAsync(after));
        using var made = CreateNode().Keys.Create([Ann]);
        Assert.Equal(SubjectKeyFailure.Shredded, await SaveFailureAsync(made));
    }

    [Fact]
    public async Task A_subject_that_never_had_a_key_can_be_shredded_too()
    {
        var (keys, fields) = CreateNode();
        Assert.False(await keys.ShredAsync(Ann, Ct));
        using var lease = await keys.ReadOrCreateAsync(new[] { Ann }, Ct);
        Assert.Throws<FieldProtectionException>(() => fields.Protect("x", Phone(Ann)));
    }

    [Fact]
    public async Task A_shredding_in_a_transaction_comes_and_goes_with_it()
    {
        var (keys, fields) = CreateNode();
        var field = await WriteAsync(keys, fields, Ann, "secret");
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await InTransactionAsync(async transaction =>
            {
                Assert.True(await keys.ShredAsync(Ann, transaction, Ct));
                throw new TimeoutException("the deletion failed");
            })
        );
        using (await keys.ReadAsync(new[] { Ann }, Ct))
        {
            Assert.Equal("secret", fields.Unprotect(field, Phone(Ann)));
        }

        await InTransactionAsync(async transaction => Assert.True(await keys.ShredAsync(Ann, transaction, Ct)));
        keys.Forget(Ann);

        using var lease = await keys.ReadAsync(new[] { Ann }, Ct);
        Assert.Equal(FieldProtectionFailure.Shredded, Failure(fields, field, Ann));
    }

    [Fact]
    public async Task Another_node_stops_reading_a_shredded_subject_within_the_bound_or_when_it_is_told()
    {
        var (keys, fields) = CreateNode();
        var (slowKeys, slowFields) = CreateNode();
        var (toldKeys, toldFields) = CreateNode();
        var field = await WriteAsync(keys, fields, Ann, "secret");
        (await slowKeys.ReadAsync(new[] { Ann }, Ct)).Dispose();
        (await toldKeys.ReadAsync(new[] { Ann }, Ct)).Dispose();

        await keys.ShredAsync(Ann, Ct);
        toldKeys.Forget(Ann);

        Assert.NotNull(Failure(toldFields, field, Ann));
        Time.Advance(CacheDuration - TimeSpan.FromTicks(1));
        Assert.Null(Failure(slowFields, field, Ann)); // the bound is what it says, and is needed
        Time.Advance(TimeSpan.FromTicks(1));
        Assert.NotNull(Failure(slowFields, field, Ann));
        using var lease = await slowKeys.ReadAsync(new[] { Ann }, Ct);
        Assert.Equal(FieldProtectionFailure.Shredded, Failure(slowFields, field, Ann));
    }

    [Fact]
    public async Task A_write_that_began_before_a_shredding_elsewhere_is_refused_in_its_transaction()
    {
        var (keys, fields) = CreateNode();
        await WriteAsync(keys, fields, Ann, "secret");
        using var lease = await keys.ReadAsync(new[] { Ann }, Ct);
        fields.Protect("late", Phone(Ann));

        await CreateNode().Keys.ShredAsync(Ann, Ct);

        Assert.Equal(SubjectKeyFailure.Shredded, await SaveFailureAsync(lease));
    }

    [Fact]
    public async Task Of_two_nodes_that_make_a_key_at_once_the_second_is_told_to_write_again()
    {
        var (one, oneFields) = CreateNode();
        var (two, twoFields) = CreateNode();
        using var first = await one.ReadOrCreateAsync(new[] { Ann }, Ct);
        using var second = await two.ReadOrCreateAsync(new[] { Ann }, Ct);
        var field = oneFields.Protect("one", Phone(Ann));
        twoFields.Protect("two", Phone(Ann));

        await InTransactionAsync(transaction => first.SaveAsync(transaction, Ct));
        Assert.Equal(SubjectKeyFailure.Conflict, await SaveFailureAsync(second));

        using var again = await two.ReadOrCreateAsync(new[] { Ann }, Ct);
        Assert.Equal("one", twoFields.Unprotect(field, Phone(Ann)));
        await InTransactionAsync(transaction => again.SaveAsync(transaction, Ct));
    }

    [Fact]
    public async Task Two_writers_of_one_node_share_the_key_that_the_first_of_them_made()
    {
        var (keys, fields) = CreateNode();
        EncryptedField field;
        using (var first = await keys.ReadOrCreateAsync(new[] { Ann }, Ct))
        using (var second = await keys.ReadOrCreateAsync(new[] { Ann }, Ct))
        {
            field = fields.Protect("shared", Phone(Ann));
            await InTransactionAsync(transaction => second.SaveAsync(transaction, Ct));
            await InTransactionAsync(transaction => first.SaveAsync(transaction, Ct));
        }

        var (otherKeys, otherFields) = CreateNode();
        using var lease = await otherKeys.ReadAsync(new[] { Ann }, Ct);
        Assert.Equal("shared", otherFields.Unprotect(field, Phone(Ann)));
    }

    [Fact]
    public async Task Whoever_lost_his_key_meanwhile_may_not_save_what_he_wrote()
    {
        var (keys, fields) = CreateNode();
        using var first = await keys.ReadOrCreateAsync(new[] { Ann }, Ct);
        keys.Forget(Ann); // as for a shredding that then rolls back
        using var second = await keys.ReadOrCreateAsync(new[] { Ann }, Ct);
        var field = fields.Protect("x", Phone(Ann)); // with the key of the second

        Assert.Equal(SubjectKeyFailure.Conflict, await SaveFailureAsync(first));
        await InTransactionAsync(transaction => second.SaveAsync(transaction, Ct));
        Assert.Equal("x", fields.Unprotect(field, Phone(Ann)));
    }

    [Fact]
    public async Task Many_writers_on_two_nodes_leave_one_key_and_only_fields_that_it_reads()
    {
        (ISubjectKeys Keys, IFieldProtector Fields)[] nodes = [CreateNode(), CreateNode()];
        var saved = new System.Collections.Concurrent.ConcurrentBag<EncryptedField>();
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(writer =>
                    Task.Run(async () =>
                    {
                        var (keys, fields) = nodes[writer % 2];
                        saved.Add(await WriteAsync(keys, fields, Ann, "of many"));
                    })
                )
        );

        Assert.Equal(8, saved.Count);
        var (readKeys, readFields) = CreateNode();
        using var lease = await readKeys.ReadAsync(new[] { Ann }, Ct);
        Assert.All(saved, field => Assert.Equal("of many", readFields.Unprotect(field, Phone(Ann))));
    }

    [Theory]
    [InlineData("wrapped", FieldProtectionFailure.NotAuthentic)]
    [InlineData("commitment", FieldProtectionFailure.NotAuthentic)]
    [InlineData("key_id", FieldProtectionFailure.UnknownKey)]
    public async Task A_key_whose_row_was_swapped_with_anothers_is_refused(string column, FieldProtectionFailure expected)
    {
        var (keys, fields) = CreateNode();
        var ann = await WriteAsync(keys, fields, Ann, "Ann");
        var bea = await WriteAsync(keys, fields, Bea, "Bea");
        await ExecuteAsync(
            column == "key_id"
                ? "update {prefix}subject_key set key_id = substr(commitment, 1, 16)"
                : $$"""
                update {prefix}subject_key set {{column}} = (
                    select o.{{column}} from {prefix}subject_key o where o.subject_id <> {prefix}subject_key.subject_id)
                where created_at = (select max(created_at) from {prefix}subject_key)
                """
        );

        var (otherKeys, otherFields) = CreateNode();
        using var lease = await otherKeys.ReadAsync(new[] { Ann, Bea }, Ct);
        Assert.Equal(expected, Failure(otherFields, bea, Bea));
        Assert.Equal(column == "key_id" ? expected : null, Failure(otherFields, ann, Ann));
        Assert.Equal(SubjectKeyFailure.Unreadable, await SaveFailureAsync(lease));
    }

    [Fact]
    public async Task The_empty_subject_is_refused_at_the_door()
    {
        var (keys, fields) = CreateNode();
        Assert.Throws<ArgumentException>(() => keys.Create([Guid.Empty]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await keys.ReadAsync(new[] { Guid.Empty }, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await keys.ShredAsync(Guid.Empty, Ct));
        Assert.Throws<ArgumentException>(() => fields.Protect("x", Phone(Guid.Empty)));
    }

    [Fact]
    public async Task A_lease_that_was_disposed_saves_nothing()
    {
        var (keys, _) = CreateNode();
        var lease = keys.Create([Ann]);
        lease.Dispose();
        lease.Dispose();
        using var next = keys.Create([Bea]); // the state behind the first is used again
        await InTransactionAsync(async transaction =>
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await lease.SaveAsync(transaction, Ct))
        );
    }

    protected static FieldContext Phone(Guid subject) => new("contact", "phone_encrypted", subject, subject);

    /// <summary>Writes as an application does: again, when another writer made the subject's key first.</summary>
    protected async Task<EncryptedField> WriteAsync(ISubjectKeys keys, IFieldProtector fields, Guid subject, string text)
    {
        Time.Advance(TimeSpan.FromMicroseconds(1));
        while (true)
        {
            using var lease = await keys.ReadOrCreateAsync(new[] { subject }, Ct);
            try
            {
                var field = fields.Protect(text, Phone(subject));
                await InTransactionAsync(transaction => lease.SaveAsync(transaction, Ct));
                return field;
            }
            catch (SubjectKeyException conflict) when (conflict.Failure == SubjectKeyFailure.Conflict) { }
            catch (FieldProtectionException lost) when (lost.Failure == FieldProtectionFailure.UnknownKey) { }
        }
    }

    protected static FieldProtectionFailure? Failure(IFieldProtector fields, EncryptedField field, Guid subject)
    {
        fields.TryUnprotect(field.Bytes.Span, Phone(subject), new byte[field.Bytes.Length], out _, out var failure);
        return failure;
    }

    private async Task<SubjectKeyFailure?> SaveFailureAsync(SubjectKeyLease lease)
    {
        SubjectKeyException? failure = null;
        await InTransactionAsync(async transaction =>
            failure = await Assert.ThrowsAsync<SubjectKeyException>(async () => await lease.SaveAsync(transaction, Ct))
        );
        Assert.Contains(failure!.Subject.ToString(), failure.Message, StringComparison.Ordinal);
        return failure.Failure;
    }
}
