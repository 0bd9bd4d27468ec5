using Autom8.Caching.Distributed;

namespace Autom8.Caching.Testing;

// What each operation of ISharedCache means, in one place. All run under the server's lock.

internal readonly record struct GetCommand(string Name, SharedOperation Operation = SharedOperation.Get)
    : ISharedCommand<ReadOnlyMemory<byte>?>
{
    public byte[]? Message => null;
    public string[] Names => [Name];

    public ReadOnlyMemory<byte>? Apply(SharedNames names) => Read(names, Name);

    // Both arms are typed: a bare null converts to an empty memory, which is a value.
    public static ReadOnlyMemory<byte>? Read(SharedNames names, string name) =>
        names[name].Payload is { } payload ? new ReadOnlyMemory<byte>(payload) : default(ReadOnlyMemory<byte>?);
}

internal readonly record struct GetManyCommand(string[] Names) : ISharedCommand<ReadOnlyMemory<byte>?[]>
{
    public SharedOperation Operation => SharedOperation.GetMany;
    public byte[]? Message => null;

    public ReadOnlyMemory<byte>?[] Apply(SharedNames names) => Array.ConvertAll(Names, name => GetCommand.Read(names, name));
}

internal readonly record struct LeaseCommand(string Name, ulong Token, TimeSpan Lifetime, SharedLeaseMode Mode)
    : ISharedCommand<SharedLease>
{
    public SharedOperation Operation => SharedOperation.Lease;
    public byte[]? Message => null;
    public string[] Names => [Name];

    public SharedLease Apply(SharedNames names)
    {
        var state = names[Name];
        if (state.Fences.Length > 0)
        {
            return new(SharedLeaseStatus.Fenced, default, state.Position);
        }

        if (state.Payload is { } payload && !Mode.HasFlag(SharedLeaseMode.Refresh))
        {
            return new(SharedLeaseStatus.Filled, payload, state.Position);
        }

        // A load that asks again, because it has not heard the answer, is not another one.
        if (state.Lease != 0 && state.Lease != Token && !Mode.HasFlag(SharedLeaseMode.TakeOver))
        {
            return new(SharedLeaseStatus.Busy, default, state.Position);
        }

        names[Name] = state.WithLease(Token, names.End(Lifetime));
        return new(SharedLeaseStatus.Granted, default, state.Position);
    }
}

internal readonly record struct FillCommand(string Name, ulong Token, byte[] Payload, TimeSpan? Lifetime) : ISharedCommand<bool>
{
    public SharedOperation Operation => SharedOperation.Fill;
    public byte[]? Message => null;
    public string[] Names => [Name];

    public bool Apply(SharedNames names)
    {
        var state = names[Name];
        if (state.Lease != Token || Token == 0 || state.Fences.Length > 0)
        {
            return false;
        }

        names[Name] = state.WithLease(0).WithPayload(Payload, names.End(Lifetime));
        return true;
    }
}

internal readonly record struct ReleaseCommand(string Name, ulong Token) : ISharedCommand<bool>
{
    public SharedOperation Operation => SharedOperation.Release;
    public byte[]? Message => null;
    public string[] Names => [Name];

    public bool Apply(SharedNames names)
    {
        var state = names[Name];
        if (state.Lease != Token || Token == 0)
        {
            return false;
        }

        names[Name] = state.WithLease(0);
        return true;
    }
}

internal readonly record struct SetCommand(string Name, byte[] Payload, TimeSpan? Lifetime, byte[] Message) : ISharedCommand<bool>
{
    public SharedOperation Operation => SharedOperation.Set;
    public string[] Names => [Name];

    public bool Apply(SharedNames names)
    {
        var state = names[Name].WithLease(0);
        var stored = state.Fences.Length == 0;
        names[Name] = stored ? state.WithPayload(Payload, names.End(Lifetime)) : state.WithPayload(null);
        return stored;
    }
}

internal readonly record struct GetOrAddCommand(string Name, byte[] Payload, TimeSpan? Lifetime) : ISharedCommand<ReadOnlyMemory<byte>>
{
    public SharedOperation Operation => SharedOperation.GetOrAdd;
    public byte[]? Message => null;
    public string[] Names => [Name];

    public ReadOnlyMemory<byte> Apply(SharedNames names)
    {
        var state = names[Name];
        if (state.Payload is { } there)
        {
            return there;
        }

        names[Name] = state.WithPayload(Payload, names.End(Lifetime));
        return Payload;
    }
}

internal readonly record struct RemoveCommand(string Name, byte[] Message, SharedFence Fence) : ISharedCommand<bool>
{
    public SharedOperation Operation => SharedOperation.Remove;
    public string[] Names => [Name];

    public bool Apply(SharedNames names)
    {
        var state = names[Name].WithPayload(null).WithLease(0);
        var fence = Fence;
        if (fence.Owner != 0)
        {
            var others = Array.FindAll(state.Fences, standing => standing.Owner != fence.Owner);
            state = state with { Fences = fence.Lifetime > TimeSpan.Zero ? [.. others, (fence.Owner, names.End(fence.Lifetime))] : others };
        }

        if (fence.Position != 0)
        {
            state = state with
            {
                Position = Math.Max(state.Position, fence.Position),
                PositionEnd = names.End(SharedFence.PositionLifetime),
            };
        }

        names[Name] = state;
        return true;
    }
}

internal readonly record struct BeatCommand(string Name, byte[] Fresh, byte[] Message) : ISharedCommand<ReadOnlyMemory<byte>>
{
    public SharedOperation Operation => SharedOperation.Beat;
    public string[] Names => [Name];

    public ReadOnlyMemory<byte> Apply(SharedNames names)
    {
        var state = names[Name];
        if (state.Payload is { } there && state.Identity == names.Identity)
        {
            return there;
        }

        names[Name] = state.WithPayload(Fresh) with { Identity = names.Identity };
        return Fresh;
    }
}
