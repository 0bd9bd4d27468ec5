using System.Net;
using System.Net.Sockets;
using Autom8.Redis.Connection;
using Microsoft.Extensions.Options;

namespace Autom8.Redis.Registration;

/// <summary>Refuses a connection that would cross a network in the clear, before it is made.</summary>
internal sealed class RedisOptionsValidator(RedisConnection connection) : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.KeyPrefix))
        {
            return ValidateOptionsResult.Fail(
                $"{RedisOptions.SectionName}:KeyPrefix is empty; it must name the application, for example 'autom8:'."
            );
        }

        // In a cluster the first braces of a key say where it lies, and empty ones say nothing: the keys of one name would lie apart.
        if (
            options.KeyPrefix.IndexOf('{', StringComparison.Ordinal) is >= 0 and var open
            && options.KeyPrefix.AsSpan(open + 1).StartsWith("}")
        )
        {
            return ValidateOptionsResult.Fail(
                $"{RedisOptions.SectionName}:KeyPrefix is '{options.KeyPrefix}'; its first braces are empty. Leave them out or put something between them."
            );
        }

        if (options.RateLimitDeadline < TimeSpan.FromMilliseconds(1) || options.RateLimitDeadline > TimeSpan.FromSeconds(10))
        {
            return ValidateOptionsResult.Fail(
                $"{RedisOptions.SectionName}:RateLimitDeadline is {options.RateLimitDeadline}; it must be from 1 ms to 10 s."
            );
        }

        if (connection.Description.EndPoints.Count == 0)
        {
            return ValidateOptionsResult.Fail(
                "The Redis configuration names no endpoint; write it as host:port, for example 'redis.internal:6380,ssl=true'."
            );
        }

        return
            !options.AllowPlaintext
            && !connection.Description.Ssl
            && connection.Description.EndPoints.FirstOrDefault(IsRemote) is { } remote
            ? ValidateOptionsResult.Fail(
                $"Redis at {(remote is DnsEndPoint host ? $"{host.Host}:{host.Port}" : remote)} would be reached without TLS. Add 'ssl=true' to its configuration, or set {RedisOptions.SectionName}:AllowPlaintext to true if the network between is trusted."
            )
            : ValidateOptionsResult.Success;
    }

    internal static bool IsRemote(EndPoint endpoint) =>
        endpoint switch
        {
            UnixDomainSocketEndPoint => false,
            IPEndPoint address => !IPAddress.IsLoopback(address.Address),
            DnsEndPoint host => !host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
            _ => true,
        };
}
