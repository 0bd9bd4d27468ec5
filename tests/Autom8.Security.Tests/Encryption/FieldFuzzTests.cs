using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Encryption;

/// <summary>Whatever stands in a column of ciphertexts: it decrypts to what was written there, or is refused with a reason.</summary>
public sealed class FieldFuzzTests
{
    private static readonly Guid Ann = new("0198c0de-0000-7000-8000-00000000000a");
    private static readonly FieldContext Place = new("contact", "phone_encrypted", Ann, Ann);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Anything_may_stand_in_a_column(int seed)
    {
        var rounds = Environment.GetEnvironmentVariable("AUTOM8_LONG") is null ? 20_000 : 20_000_000;
        var keyring = Keyrings.New();
        var table = new SubjectKeyTable();
        table.Add(new SubjectKeyWrapper(keyring), Ann);
        var (keys, fields) = SubjectNodes.Over(table, keyring, new FakeTimeProvider(Keyrings.Start));
        using var lease = await keys.ReadAsync(new[] { Ann }, default);
        byte[][] seeds =
        [
            fields.Protect("+15550100", Place).ToArray(),
            fields.Protect("", Place).ToArray(),
            fields.Protect("+15550100", Place with { Subject = null }).ToArray(),
            fields.Protect(new string('x', 600), Place).ToArray(),
        ];
        var random = new Random(seed);
        var buffer = new byte[2_048];
        for (var round = 0; round < rounds; round++)
        {
            var original = seeds[random.Next(seeds.Length)];
            var field = Mutate(original, random);
            FieldProtectionFailure? failure;
            try
            {
                fields.TryUnprotect(field, Place, buffer, out var written, out failure);
                Assert.Equal(failure is null, field.AsSpan().SequenceEqual(original) || seeds.Any(s => s.AsSpan().SequenceEqual(field)));
                Assert.Equal(failure is null, written > 0 || field.Length == 30 && failure is null);
            }
            catch (Exception foreign) when (foreign is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{Convert.ToHexString(field)} raised {foreign}");
                throw;
            }

            if (failure is { } reason && round % 16 == 0)
            {
                var error = Assert.Throws<FieldProtectionException>(() => fields.Unprotect(new EncryptedField(field), Place));
                Assert.Equal(reason, error.Failure);
            }
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var field = original.ToArray();
        switch (random.Next(7))
        {
            case 0:
                field = new byte[random.Next(100)];
                random.NextBytes(field);
                break;
            case 1:
                field = field[..random.Next(field.Length + 1)];
                break;
            case 2:
                field = [.. field, .. new byte[random.Next(20)]];
                break;
            case 3:
                field[random.Next(field.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 4:
                field[1] = (byte)random.Next(4);
                break;
            case 5:
                // The beginning of another field: lengths that lie.
                field = new byte[random.Next(60)];
                random.NextBytes(field);
                original.AsSpan(0, Math.Min(field.Length, random.Next(20))).CopyTo(field);
                break;
            default:
                break; // as it was written
        }

        return field;
    }
}
