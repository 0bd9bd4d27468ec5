namespace Autom8.Caching.Testing;

/// <summary>Completes tasks so that what waits for them runs inside the call.</summary>
internal static class Inline
{
    public static void Run<TState>(Action<TState> complete, TState state)
    {
        // A task hands its continuations to the thread pool when it is completed under a synchronization context, and test frameworks set one.
        var context = SynchronizationContext.Current;
        if (context is null)
        {
            complete(state);
            return;
        }

        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            complete(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
