using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using FsCheck;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Encryption;

/// <summary>Fields of subjects: format 2.</summary>
public sealed class SubjectFieldTests : IDisposable
{
    private static readonly Guid Ann = new("0198c0de-0000-7000-8000-00000000000a");
    private static readonly Guid Bea = new("0198c0de-0000-7000-8000-00000000000b");
    private static readonly Guid Row = new("0198c0de-0000-7000-8000-000000000001");
    private static readonly FieldContext Phone = new("contact", "phone_encrypted", Row, Ann);

    private readonly Keyring keyring = Keyrings.New();
    private readonly SubjectKeyTable table = new();
    private readonly SubjectKeyWrapper wrapper;
    private readonly SubjectKeys keys;
    private readonly FieldProtector fields;
    private readonly SubjectKeyLease lease;

    public SubjectFieldTests()
    {
        wrapper = new SubjectKeyWrapper(keyring);
        table.Add(wrapper, Ann, Bea);
        (keys, fields) = SubjectNodes.Over(table, keyring, new FakeTimeProvider(Keyrings.Start));
        lease = keys.ReadAsync(new[] { Ann, Bea }, default).AsTask().Result;
    }

    public void Dispose()
    {
        lease.Dispose();
        keys.Dispose();
        wrapper.Dispose();
    }

    [Property]
    public void Bytes_come_back_with_30_bytes_of_overhead(byte[] value)
    {
        var field = new byte[value.Length + 40];
        var length = fields.Protect(value, Phone, field);
        Assert.Equal(value.Length + fields.Overhead(Phone), length);
        Assert.Equal(value.Length + 30, length);
        Assert.Equal(new byte[10], field[length..]);

        var plaintext = new byte[value.Length];
        Assert.True(fields.TryUnprotect(field.AsSpan(0, length), Phone, plaintext, out var written));
        Assert.Equal(value.Length, written);
        Assert.Equal(value, plaintext);
    }

    [Property]
    public void Text_comes_back_however_it_was_given(NonNull<string> value)
    {
        var text = value.Get;
        var field = new byte[30 + (text.Length * 3)];
        if (!IsWellFormed(text))
        {
            Assert.Throws<EncoderFallbackException>(() => fields.Protect(text, Phone));
            Assert.Throws<EncoderFallbackException>(() => fields.Protect(text.AsSpan(), Phone, field));
            return;
        }

        var length = fields.Protect(text.AsSpan(), Phone, field);
        Assert.Equal(text, fields.Unprotect(new EncryptedField(field[..length]), Phone));
        Assert.Equal(text, fields.Unprotect(fields.Protect(text, Phone), Phone));
    }

    [Property]
    public void A_field_that_was_moved_anywhere_else_does_not_decrypt(NonEmptyString table, NonEmptyString column, Guid row, bool bea)
    {
        var there = new FieldContext(Name(table.Get), Name(column.Get), row == Guid.Empty ? Row : row, bea ? Bea : Ann);
        var field = fields.Protect("+15550100", Phone).ToArray();
        Assert.Equal(there == Phone, fields.TryUnprotect(field, there, new byte[64], out var written, out var failure));
        Assert.Equal(there == Phone ? 9 : 0, written);
        Assert.Equal(there == Phone ? null : FieldProtectionFailure.NotAuthentic, failure);
        Assert.False(fields.TryUnprotect(field, Phone with { Column = Name(column.Get) }, new byte[64], out _));
    }

    [Fact]
    public void Each_part_of_the_place_counts_and_names_do_not_run_together()
    {
        var field = fields.Protect("x", Phone).ToArray();
        FieldContext[] elsewhere =
        [
            Phone with
            {
                Table = "account",
            },
            Phone with
            {
                Column = "email_encrypted",
            },
            Phone with
            {
                RowId = Bea,
            },
            Phone with
            {
                Subject = Bea,
            },
            Phone with
            {
                Subject = null,
            },
            Phone with
            {
                Table = "contactp",
                Column = "hone_encrypted",
            },
            Phone with
            {
                RowId = Ann,
                Subject = Row,
            },
        ];
        Assert.All(elsewhere, place => Assert.False(fields.TryUnprotect(field, place, new byte[64], out _)));
    }

    [Fact]
    public void Every_flipped_bit_is_noticed_and_leaves_nothing_of_the_value()
    {
        var field = fields.Protect("+15550100", Phone).ToArray();
        var buffer = new byte[field.Length];
        for (var bit = 0; bit < field.Length * 8; bit++)
        {
            field[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(fields.TryUnprotect(field, Phone, buffer, out var written, out var failure));
            Assert.Equal(
                (bit / 8) switch
                {
                    0 => FieldProtectionFailure.Malformed,
                    // One flip makes it format 0, 3, 6, …: none of them format 1.
                    1 => FieldProtectionFailure.UnknownVersion,
                    _ => FieldProtectionFailure.NotAuthentic,
                },
                failure
            );
            Assert.Equal(0, written);
            Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)0));
            field[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_truncation_and_extension_is_noticed()
    {
        var field = fields.Protect("+15550100", Phone).ToArray();
        for (var length = 0; length < field.Length; length++)
        {
            Assert.False(fields.TryUnprotect(field.AsSpan(0, length), Phone, new byte[64], out _, out var failure));
            Assert.Equal(length < 30 ? FieldProtectionFailure.Malformed : FieldProtectionFailure.NotAuthentic, failure);
        }

        Assert.False(fields.TryUnprotect([.. field, 0], Phone, new byte[64], out _));
    }

    [Fact]
    public void What_does_not_fit_is_refused_at_the_door()
    {
        Assert.Throws<ArgumentException>(() => fields.Protect(new byte[3], Phone, new byte[32]));
        Assert.Throws<ArgumentException>(() => fields.Protect("abc".AsSpan(), Phone, new byte[32]));
        var field = fields.Protect("abc", Phone).ToArray();
        Assert.Throws<ArgumentException>(() => fields.TryUnprotect(field, Phone, new byte[2], out _));
        Assert.Throws<ArgumentException>(() => fields.Protect("x", Phone with { Table = new string('t', 65) }));
        Assert.Throws<ArgumentException>(() => fields.Protect("x", Phone with { Subject = Guid.Empty }));
        Assert.NotEmpty(fields.Protect("x", Phone with { Table = new string('\u20AC', 64), Column = new string('\u20AC', 64) }).ToArray());
    }

    [Fact]
    public void A_subject_whose_key_is_not_in_memory_is_an_error_that_says_what_to_do()
    {
        var nobody = Phone with { Subject = Row };
        var error = Assert.Throws<FieldProtectionException>(() => fields.Protect("+15550100", nobody));
        Assert.Equal(FieldProtectionFailure.UnknownKey, error.Failure);
        Assert.Contains("ISubjectKeys", error.Message, StringComparison.Ordinal);
        var buffer = new byte[64];
        Assert.Throws<FieldProtectionException>(() => fields.Protect("+15550100".AsSpan(), nobody, buffer));
        Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)0)); // the text stood in it already
        Assert.Throws<InvalidOperationException>(() => new FieldProtector(keyring).Protect("x", Phone));
    }

    [Fact]
    public void A_field_of_format_1_is_read_where_a_subject_is_named_now()
    {
        var old = new FieldProtector(keyring).Protect("Zoë", Phone with { Subject = null });
        Assert.Equal(1, old.Bytes.Span[1]);
        Assert.Equal("Zoë", fields.Unprotect(old, Phone));
        Assert.Equal(2, fields.Protect("Zoë", Phone).Bytes.Span[1]);
    }

    /// <summary>Rows encrypted today must decrypt in ten years: format 2 and the wrapping rebuilt here from their descriptions alone.</summary>
    [Fact]
    public async Task Format_2_and_the_wrapping_of_keys_are_frozen()
    {
        var master = keyring.Active(KeyPurpose.FieldEncryption);
        byte[] dataKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] nonce = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        var wrappingKey = HKDF.Expand(HashAlgorithmName.SHA256, master.Material.ToArray(), 32, "autom8/subject-key/v1/wrap"u8.ToArray());
        byte[] wrapped =
        [
            1,
            .. nonce,
            .. Seal(wrappingKey, nonce, dataKey, List("autom8/subject-key/v1"u8.ToArray(), master.Id.ToArray(), Big(Row))),
        ];
        var commitment = HKDF.Extract(HashAlgorithmName.SHA256, dataKey, "autom8/subject-key/v1/commitment"u8.ToArray());
        table.Rows[Row] = new StoredSubjectKey(Row, wrapped, master.Id, commitment, Keyrings.Start);
        using var held = await keys.ReadAsync(new[] { Row }, default);
        var place = Phone with { Subject = Row };
        byte[] associated = List(
            "autom8/field/v2"u8.ToArray(),
            "contact"u8.ToArray(),
            "phone_encrypted"u8.ToArray(),
            Big(place.RowId),
            Big(Row)
        );
        byte[] field = [0xA8, 2, .. nonce, .. Seal(dataKey, nonce, "Zoë +15550100"u8.ToArray(), associated)];

        Assert.Equal("Zoë +15550100", fields.Unprotect(new EncryptedField(field), place));
    }

    [Fact]
    public async Task A_key_that_does_not_keep_its_commitment_is_not_used()
    {
        // Properly wrapped, so that only the commitment can tell.
        var other = wrapper.Wrap(Row, new byte[32], Keyrings.Start);
        table.Rows[Row] = other with { Commitment = table.Rows[Ann].Commitment };
        using var held = await keys.ReadAsync(new[] { Row }, default);
        var error = Assert.Throws<FieldProtectionException>(() => fields.Protect("x", Phone with { Subject = Row }));
        Assert.Equal(FieldProtectionFailure.NotAuthentic, error.Failure);
    }

    [Fact]
    public async Task Any_flipped_bit_of_a_wrapped_key_is_noticed()
    {
        var good = table.Rows[Ann];
        for (var bit = 0; bit < SubjectKeyWrapper.WrappedLength * 8; bit++)
        {
            var altered = good.Wrapped!.ToArray();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            table.Rows[Row] = good with { Subject = Row, Wrapped = altered };
            using var held = await keys.ReadAsync(new[] { Row }, default);
            var error = Assert.Throws<FieldProtectionException>(() => fields.Protect("x", Phone with { Subject = Row }));
            Assert.Equal(bit < 8 ? FieldProtectionFailure.UnknownVersion : FieldProtectionFailure.NotAuthentic, error.Failure);
        }

        table.Rows[Row] = good with { Subject = Row, Wrapped = good.Wrapped![..^1] };
        using var cut = await keys.ReadAsync(new[] { Row }, default);
        Assert.Equal(
            FieldProtectionFailure.Malformed,
            Assert.Throws<FieldProtectionException>(() => fields.Protect("x", Phone with { Subject = Row })).Failure
        );
    }

    [Fact]
    public async Task A_rotation_makes_old_keys_no_worse_and_a_destroyed_one_takes_its_subjects_along()
    {
        var field = fields.Protect("x", Phone);
        foreach (
            var (state, expected) in new[]
            {
                (KeyState.VerifyOnly, (FieldProtectionFailure?)null),
                (KeyState.Destroyed, FieldProtectionFailure.UnknownKey),
            }
        )
        {
            var (laterKeys, laterFields) = SubjectNodes.Over(
                table,
                Keyrings.Rotated(keyring, KeyPurpose.FieldEncryption, state),
                new FakeTimeProvider(Keyrings.Start)
            );
            using var held = await laterKeys.ReadAsync(new[] { Ann }, default);
            laterFields.TryUnprotect(field.Bytes.Span, Phone, new byte[64], out _, out var failure);
            Assert.Equal(expected, failure);
        }
    }

    [Fact]
    public async Task Nothing_is_allocated_once_the_key_is_in_memory()
    {
        var subjects = new[] { Ann, Bea };
        var plaintext = new byte[32];
        var field = new byte[62];
        var measured = long.MaxValue;
        for (var round = 0; round < 200; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (await keys.ReadAsync(subjects, default)) // which has nothing to wait for
            {
                fields.Protect(plaintext, Phone, field);
                fields.Protect("+1 555 0100 and more than that.."u8, Phone, field);
                fields.Protect("+1 555 0100 and more than that..".AsSpan(), Phone, field);
                Assert.True(fields.TryUnprotect(field, Phone, plaintext, out _));
            }

            measured = Math.Min(measured, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, measured);
    }

    [Fact]
    public void Nonces_differ_also_where_two_threads_draw_them()
    {
        var drawn = new HashSet<string>();
        var gate = new Lock();
        Parallel.For(
            0,
            2_000,
            _ =>
            {
                Span<byte> nonce = stackalloc byte[12];
                NonceSource.Fill(nonce);
                lock (gate)
                {
                    Assert.True(drawn.Add(Convert.ToHexString(nonce)));
                }
            }
        );
    }

    private static string Name(string text)
    {
        var name = string.Concat(text.Where(c => !char.IsSurrogate(c)));
        return name.Length is > 0 and <= 64 ? name : "x";
    }

    private static bool IsWellFormed(string text)
    {
        try
        {
            new UTF8Encoding(false, true).GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static byte[] Seal(byte[] key, byte[] nonce, byte[] plaintext, byte[] associated)
    {
        var sealedBytes = new byte[plaintext.Length + 16];
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(nonce, plaintext, sealedBytes.AsSpan(0, plaintext.Length), sealedBytes.AsSpan(plaintext.Length), associated);
        return sealedBytes;
    }

    private static byte[] Big(Guid id) => id.ToByteArray(bigEndian: true);

    private static byte[] List(params byte[][] parts)
    {
        using var list = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            list.Write(length);
            list.Write(part);
        }

        return list.ToArray();
    }
}
