using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>Validates tokens as if each were seen once: signature, form and every claim, without remembering anything.</summary>
internal sealed class ColdTokenRow : IRow
{
    private const int Buffer = 8192;

    public string Name => "cold";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options) =>
        Task.FromResult<IReadOnlyList<Measure>>([
            Run(options, TokenAlgorithm.HS256),
            Run(options, TokenAlgorithm.ES256),
            Run(options, TokenAlgorithm.RS256),
        ]);

    private Measure Run(GateOptions options, TokenAlgorithm algorithm)
    {
        using var audience = new MeterAudience("Autom8.Security");
        using var workload = new TokenWorkload(algorithm);
        var race = new LoopRace(
            options,
            [
                LoopCase.Of("ours", new Ours(workload, new byte[Buffer])),
                LoopCase.Of(Peer.JsonWebTokenHandler, new Theirs(workload, new JsonWebTokenHandler())),
                Raw(algorithm, workload),
            ]
        );
        race.WarmUp();
        var figures = race.Run(threads: 1);
        return new Measure(
            $"{Name}.{algorithm.ToString().ToLowerInvariant()}",
            $"token seen once, {algorithm}",
            $"{workload.Tokens[0].Length} characters, 64 callers",
            "1",
            "ns",
            figures[0],
            [figures[1], figures[2]]
        );
    }

    // The signature and nothing else: the bytes are there already.
    private static LoopCase Raw(TokenAlgorithm algorithm, TokenWorkload workload)
    {
        var inputs = workload.Tokens.Select(token => Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')])).ToArray();
        var signatures = workload.Tokens.Select(token => Base64Url.DecodeFromChars(token.AsSpan(token.LastIndexOf('.') + 1))).ToArray();
        switch (algorithm)
        {
            case TokenAlgorithm.HS256:
                return LoopCase.Of(
                    Peer.RawVerification,
                    new RawHmac(new HMACSHA256(workload.Keyring.Active(KeyPurpose.TokenSigning).Material.ToArray()), inputs, signatures)
                );
            case TokenAlgorithm.RS256:
                return LoopCase.Of(Peer.RawVerification, new RawRsa(((RsaSecurityKey)workload.SigningKey).Rsa, inputs, signatures));
            default:
                return LoopCase.Of(Peer.RawVerification, new RawEcdsa(((ECDsaSecurityKey)workload.SigningKey).ECDsa, inputs, signatures));
        }
    }

    private static int Verified(bool valid) => valid ? 1 : throw new InvalidOperationException("The signature should be valid.");

    private readonly struct Ours(TokenWorkload workload, byte[] buffer) : IOperation
    {
        private readonly TokenValidator _validator = workload.Ours;
        private readonly string[] _tokens = workload.Tokens;

        public int Invoke(int index) =>
            _validator.Read(_tokens[index & TokenWorkload.Mask], buffer, out var reading) == TokenStatus.Valid
                ? reading.Payload.Length
                : throw new InvalidOperationException("The token should be valid.");
    }

    private readonly struct Theirs(TokenWorkload workload, JsonWebTokenHandler handler) : IOperation
    {
        private readonly TokenValidationParameters _parameters = workload.Theirs;
        private readonly string[] _tokens = workload.Tokens;

        public int Invoke(int index) => TokenWorkload.Validate(handler, _tokens[index & TokenWorkload.Mask], _parameters);
    }

    private readonly struct RawHmac(HMACSHA256 key, byte[][] inputs, byte[][] signatures) : IOperation
    {
        public int Invoke(int index)
        {
            Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
            key.TryComputeHash(inputs[index & TokenWorkload.Mask], expected, out _);
            return Verified(CryptographicOperations.FixedTimeEquals(expected, signatures[index & TokenWorkload.Mask]));
        }
    }

    private readonly struct RawRsa(RSA key, byte[][] inputs, byte[][] signatures) : IOperation
    {
        public int Invoke(int index) =>
            Verified(
                key.VerifyData(
                    inputs[index & TokenWorkload.Mask],
                    signatures[index & TokenWorkload.Mask],
                    HashAlgorithmName.SHA256,
                    RSASignaturePadding.Pkcs1
                )
            );
    }

    private readonly struct RawEcdsa(ECDsa key, byte[][] inputs, byte[][] signatures) : IOperation
    {
        public int Invoke(int index) =>
            Verified(
                key.VerifyData(
                    inputs[index & TokenWorkload.Mask],
                    signatures[index & TokenWorkload.Mask],
                    HashAlgorithmName.SHA256,
                    DSASignatureFormat.IeeeP1363FixedFieldConcatenation
                )
            );
    }
}
