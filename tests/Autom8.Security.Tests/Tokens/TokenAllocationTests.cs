using System.Buffers.Text;
using Autom8.Security.Tokens;

namespace Autom8.Security.Tests.Tokens;

/// <summary>What is promised to allocate nothing: not a byte, once the code has run often enough to be compiled for good.</summary>
[Collection(nameof(TokenAllocationTests))] // alone: code is not compiled for good while other code is compiled for the first time
[CollectionDefinition(nameof(TokenAllocationTests), DisableParallelization = true)]
public sealed class TokenAllocationTests
{
    private static readonly TokenRequest Request = new("Zoë")
    {
        Roles = ["admin", "operator"],
        Scopes = ["contacts.read"],
        Claims = new Dictionary<string, string> { ["name"] = "Zoë \"&<>\" 王小明", ["epoch"] = "7" },
    };

    public static TheoryData<TokenAlgorithm> All => [.. Enum.GetValues<TokenAlgorithm>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Validating_a_token_that_is_remembered(TokenAlgorithm algorithm)
    {
        var forge = new Forge(algorithm);
        var token = forge.Issuer.Issue(Request).Token;
        AssertNothingIsAllocated(() => forge.Validator.Validate(token, out _) == TokenStatus.Valid);
    }

    [Theory]
    [InlineData(TokenAlgorithm.HS256)]
    [InlineData(TokenAlgorithm.EdDSA)]
    public void Reading_a_token_that_is_not(TokenAlgorithm algorithm)
    {
        var forge = new Forge(algorithm);
        var token = forge.Issuer.Issue(Request).Token;
        var buffer = new byte[token.Length];
        AssertNothingIsAllocated(() => forge.Validator.Read(token, buffer, out _) == TokenStatus.Valid);
    }

    [Fact]
    public void Reading_a_token_with_a_header_that_another_would_write()
    {
        var forge = new Forge(TokenAlgorithm.HS256);
        var token = forge.Token(
            $$"""{ "typ":"at+jwt", "kid":"{{forge.Kid}}", "alg":"HS256" }""",
            Forge.Payload.Replace("alice", "\\u0061lice", StringComparison.Ordinal)
        );
        var buffer = new byte[token.Length];
        AssertNothingIsAllocated(() => forge.Validator.Read(token, buffer, out _) == TokenStatus.Valid);
    }

    [Fact]
    public void Refusing_a_forged_one()
    {
        var forge = new Forge(TokenAlgorithm.HS256);
        var token = forge.Unsigned() + Base64Url.EncodeToString(new byte[32]);
        AssertNothingIsAllocated(() => forge.Validator.Validate(token, out _) == TokenStatus.BadSignature);
    }

    private static void AssertNothingIsAllocated(Func<bool> act)
    {
        const int Attempts = 1000;
        var allocated = long.MaxValue;
        for (var attempt = 0; attempt < Attempts && allocated > 0; attempt++)
        {
            Assert.True(act());
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                act();
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
