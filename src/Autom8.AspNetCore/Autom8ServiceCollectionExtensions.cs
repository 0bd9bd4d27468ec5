using System.Net;
using Autom8.AspNetCore;
using Autom8.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the HTTP API.</summary>
public static class Autom8ServiceCollectionExtensions
{
    /// <summary>Registers what the endpoints and the request path need; options bind from <c>Autom8:Api</c>. The capabilities themselves are registered by <c>AddAutom8</c>.</summary>
    public static IServiceCollection AddAutom8Api(this IServiceCollection services, Action<ApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RequestLimits>();
        services.TryAddSingleton<Sessions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ApiOptions>, ValidateApiOptions>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<ApiOptions>, BindApiOptions>());
        services.AddOptions<ApiOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.ConfigureHttpJsonOptions(static json =>
        {
            ApiJson.Configure(json.SerializerOptions);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ApiOptions>>(TrustKnownProxies);
        // The core alone: AddAuthentication would bring Data Protection, which writes keys of its own to disk for cookies that are not used here.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = SchemeByHeader.Name;
            authentication.AddScheme<PolicySchemeHandler>(SchemeByHeader.Name, displayName: null);
            authentication.AddScheme<ApiKeyHandler>(ApiKeyHandler.Scheme, displayName: null);
            authentication.AddScheme<BearerHandler>(BearerHandler.Scheme, displayName: null);
        });
        services.AddWebEncoders();
        services.TryAddTransient<BearerHandler>();
        services.TryAddTransient<ApiKeyHandler>();
        services.TryAddTransient<PolicySchemeHandler>();
        services.Configure<PolicySchemeOptions>(
            SchemeByHeader.Name,
            static policy => policy.ForwardDefaultSelector = SchemeByHeader.Select
        );
        // Nothing of ours is read here: the server is made before the settings are checked.
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        services.TryAddSingleton<StartLog>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, StartLog>(provider => provider.GetRequiredService<StartLog>())
        );
        services.AddOptions<LoggerFilterOptions>().Configure<StartLog>(static (filters, start) => filters.Rules.Add(start.Rule));
        services.AddAuthorization();
        services
            .AddHealthChecks()
            .AddCheck<ReadinessCheck>("autom8")
            .AddCheck<KeyringCheck>("keyring")
            .AddCheck<SchedulerCheck>("scheduler");
        services.AddOpenApi("v1", OpenApiDescription.Configure);
        return services;
    }

    private static void TrustKnownProxies(ForwardedHeadersOptions forwarded, IOptions<ApiOptions> api)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        foreach (var proxy in api.Value.KnownProxies)
        {
            forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        }
    }

    private sealed class BindApiOptions(IConfiguration configuration) : IConfigureOptions<ApiOptions>
    {
        public void Configure(ApiOptions options) => configuration.GetSection("Autom8:Api").Bind(options);
    }
}
