using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;
using Autom8.Security.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>Validates tokens that were verified before. Microsoft's handler has nothing for that case, so it verifies anew.</summary>
internal sealed class VerifiedTokenRow : IRow
{
    public string Name => "verified";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options) =>
        Task.FromResult<IReadOnlyList<Measure>>([Run(options, TokenAlgorithm.HS256), Run(options, TokenAlgorithm.ES256)]);

    private Measure Run(GateOptions options, TokenAlgorithm algorithm)
    {
        using var audience = new MeterAudience("Autom8.Security");
        using var workload = new TokenWorkload(algorithm);
        var race = new LoopRace(
            options,
            [
                LoopCase.Of("ours", new Ours(workload)),
                LoopCase.Of(Peer.JsonWebTokenHandler, new Theirs(workload, new JsonWebTokenHandler())),
            ]
        );
        race.WarmUp();
        var figures = race.Run(threads: 1);
        return new Measure(
            $"{Name}.{algorithm.ToString().ToLowerInvariant()}",
            $"token verified before, {algorithm}",
            $"{workload.Tokens[0].Length} characters, 64 callers",
            "1",
            "ns",
            figures[0],
            [figures[1]]
        );
    }

    private readonly struct Ours(TokenWorkload workload) : IOperation
    {
        private readonly TokenValidator _validator = workload.Ours;
        private readonly string[] _tokens = workload.Tokens;

        public int Invoke(int index) =>
            _validator.Validate(_tokens[index & TokenWorkload.Mask], out var token) == TokenStatus.Valid
                ? token.Roles.Count
                : throw new InvalidOperationException("The token should be valid.");
    }

    private readonly struct Theirs(TokenWorkload workload, JsonWebTokenHandler handler) : IOperation
    {
        private readonly TokenValidationParameters _parameters = workload.Theirs;
        private readonly string[] _tokens = workload.Tokens;

        public int Invoke(int index) => TokenWorkload.Validate(handler, _tokens[index & TokenWorkload.Mask], _parameters);
    }
}
