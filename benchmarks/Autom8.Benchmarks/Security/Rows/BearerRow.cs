using System.Security.Claims;
using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;
using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Security.Tokens;
using Autom8.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>
/// Authenticates a request by its bearer token, from its scope to its principal: ours as the composed service does it, the account's epoch included; JwtBearer with the same key, which looks at no account.
/// What a scope and a context cost is measured beside and taken off both.
/// </summary>
internal sealed class BearerRow : IRow
{
    private const string Scheme = "Bearer";
    private const string Nothing = "scope and context";

    public string Name => "bearer";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var audience = new MeterAudience("Autom8.Security", "Microsoft.AspNetCore");
        using var folder = new TemporaryFolder();
        await using var ours = Ours(folder);
        await ours.GetRequiredService<KeyringProvider>().InitializeAsync();
        var token = await TokenAsync(ours);
        await using var theirs = Theirs(ours.GetRequiredService<KeyringProvider>().Current);
        var header = $"{Scheme} {token}";
        var race = new LoopRace(
            options,
            [
                LoopCase.Of("ours", new Authenticate(ours, header)),
                LoopCase.Of(Peer.JwtBearer, new Authenticate(theirs, header)),
                LoopCase.Of(Nothing, new ScopeAlone(theirs, header)),
            ]
        );
        race.WarmUp();
        var figures = race.Run(threads: 1);
        var (mine, other) = (Net(figures[0], figures[2]), Net(figures[1], figures[2]));
        const string setting = "HS256, roles and name, scope and context taken off";
        return
        [
            new Measure(Name, "bearer authentication", setting, "1", "ns", mine, [other]),
            new Measure($"{Name}.bytes", "bearer authentication, bytes", setting, "1", "B", Bytes(mine), [Bytes(other)]),
        ];
    }

    private static Figure Net(Figure whole, Figure nothing) =>
        whole with
        {
            Rounds = [.. whole.Rounds.Zip(nothing.Rounds, (with, without) => with - without)],
            BytesPerOperation = whole.BytesPerOperation - nothing.BytesPerOperation,
        };

    private static Figure Bytes(Figure figure) => new(figure.Case, [.. figure.Rounds.Select(_ => figure.BytesPerOperation!.Value)]);

    private static ServiceProvider Ours(TemporaryFolder folder)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Autom8:DataFolder"] = folder.Combine("data"),
                    ["Autom8:Security:Tokens:Algorithm"] = nameof(TokenAlgorithm.HS256),
                }
            )
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(settings);
        services.AddLogging();
        services.AddAutom8(settings);
        services.AddAutom8Api();
        return services.BuildServiceProvider();
    }

    private static async Task<string> TokenAsync(ServiceProvider services)
    {
        var accounts = services.GetRequiredService<AccountService>();
        await accounts.CreateAsync("ada", [AccountRoles.Editor], AuditActor.System, default);
        var account = (await accounts.ListAsync(null, 1, default)).Accounts[0];
        return services
            .GetRequiredService<ITokenIssuer>()
            .Issue(
                new TokenRequest(account.Id.ToString())
                {
                    Roles = account.Roles,
                    Claims = new Dictionary<string, string> { ["name"] = account.Name, ["epoch"] = $"{account.Epoch}" },
                }
            )
            .Token;
    }

    private static ServiceProvider Theirs(Keyring keyring)
    {
        var key = keyring.Active(KeyPurpose.TokenSigning);
        var services = new ServiceCollection();
        services.AddLogging();
        services
            .AddAuthentication(Scheme)
            .AddJwtBearer(
                Scheme,
                bearer =>
                {
                    bearer.MapInboundClaims = false;
                    bearer.TokenValidationParameters = new TokenValidationParameters
                    {
                        ValidIssuer = TokenWorkload.Options.Issuer,
                        ValidAudience = TokenWorkload.Options.Audience,
                        ValidTypes = ["at+jwt"],
                        ValidAlgorithms = [nameof(TokenAlgorithm.HS256)],
                        IssuerSigningKey = new SymmetricSecurityKey(key.Material.ToArray()) { KeyId = key.Id.ToString() },
                        NameClaimType = "name",
                        RoleClaimType = "roles",
                    };
                }
            );
        return services.BuildServiceProvider();
    }

    private readonly struct Authenticate(ServiceProvider services, string header) : IOperation
    {
        public int Invoke(int index)
        {
            using var scope = services.CreateScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers.Authorization = header;
            var authentication = context.AuthenticateAsync(Scheme);
            return
                authentication.IsCompletedSuccessfully && authentication.Result.Principal is { } user && user.IsInRole(AccountRoles.Editor)
                ? 1
                : Wait(authentication);
        }

        // Once a second ours asks whether an account has changed.
        private static int Wait(Task<AuthenticateResult> authentication)
        {
            ClaimsPrincipal user = authentication.GetAwaiter().GetResult().Principal!;
            return user.IsInRole(AccountRoles.Editor) ? 1 : throw new InvalidOperationException("The token should be valid.");
        }
    }

    private readonly struct ScopeAlone(ServiceProvider services, string header) : IOperation
    {
        public int Invoke(int index)
        {
            using var scope = services.CreateScope();
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers.Authorization = header;
            return context.Request.Headers.Authorization.Count;
        }
    }
}
