namespace Autom8.Caching.Testing;

/// <summary>An operation that has been sent and not been answered.</summary>
internal abstract class PendingOperation(string[] names)
{
    /// <summary>The request has reached the server; the answer is on its way back.</summary>
    public bool IsAnswered { get; protected set; }

    /// <summary>Nobody waits for the answer any more. The request is on its way all the same.</summary>
    public abstract bool IsGivenUp { get; }

    public bool SharesNameWith(PendingOperation other) => names.AsSpan().IndexOfAny(other.ConcernedNames) >= 0;

    private string[] ConcernedNames => names;

    /// <summary>The request reaches the server. Called under its lock.</summary>
    public abstract void Answer(InMemorySharedCache server);

    /// <summary>The answer reaches the caller, whose code runs inside this call: never under a lock.</summary>
    public abstract void Complete();

    /// <summary>The caller learns that there will be no answer. Never under a lock.</summary>
    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class PendingOperation<TCommand, TAnswer> : PendingOperation
    where TCommand : struct, ISharedCommand<TAnswer>
{
    // Without RunContinuationsAsynchronously: what waits for the answer runs on the thread of the script.
    private readonly TaskCompletionSource<TAnswer> _caller = new();
    private readonly TCommand _command;
    private readonly ScriptedFault _fault;
    private readonly CancellationTokenRegistration _registration;
    private TAnswer _answer = default!;

    public PendingOperation(TCommand command, ScriptedFault fault, CancellationToken cancellationToken)
        : base(command.Names)
    {
        _command = command;
        _fault = fault;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
                Inline.Run(
                    static given => given._caller.TrySetCanceled(given.token),
                    (((PendingOperation<TCommand, TAnswer>)state!)._caller, token)
                ),
            this
        );
    }

    public Task<TAnswer> Task => _caller.Task;

    public override bool IsGivenUp => _caller.Task.IsCompleted;

    public override void Answer(InMemorySharedCache server)
    {
        IsAnswered = true;
        if (_fault != ScriptedFault.RequestLost)
        {
            _answer = server.Apply<TCommand, TAnswer>(_command);
        }
    }

    public override void Complete()
    {
        if (_fault == ScriptedFault.None)
        {
            _registration.Unregister();
            Inline.Run(static pending => pending._caller.TrySetResult(pending._answer), this);
        }
        else
        {
            Fail(InMemorySharedCacheLink.Failure());
        }
    }

    public override void Fail(Exception exception)
    {
        _registration.Unregister();
        Inline.Run(static state => state._caller.TrySetException(state.exception), (_caller, exception));
    }
}
