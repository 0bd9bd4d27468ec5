using Autom8.Caching.Distributed;

namespace Autom8.Caching.Testing;

// What a script can do to a link. All state is guarded by the server's gate.
public sealed partial class InMemorySharedCacheLink
{
    private readonly List<FaultRule> _faults = [];
    private bool _messagesCut;
    private int _messagesToDrop;

    /// <summary>Whether the link is cut.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether the link is frozen.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>
    /// Cuts the link. Operations fail at once, those that are pending included: one whose request had been delivered has taken effect, the others never will, except on a frozen link,
    /// where the server already has them. Messages to this node are lost, and its subscriber is not told before <see cref="Heal"/>.
    /// </summary>
    public void Cut()
    {
        PendingOperation[] failed;
        lock (_server.Gate)
        {
            IsCut = true;
            failed = [.. _operations];
            if (IsFrozen)
            {
                _operations.RemoveAll(static operation => operation.IsAnswered);
            }
            else
            {
                _operations.Clear();
            }

            _messages.Clear();
        }

        foreach (var operation in failed)
        {
            operation.Fail(Failure());
        }
    }

    /// <summary>Ends <see cref="Cut"/>. The subscriber is told that it was interrupted.</summary>
    public void Heal()
    {
        lock (_server.Gate)
        {
            if (IsCut)
            {
                IsCut = false;
                Interrupted();
            }
        }

        DeliverMessages();
    }

    /// <summary>Cuts the subscription only: messages to this node are lost, those that are pending included, while operations go on.</summary>
    /// <param name="tell">Whether the subscriber is told that it was interrupted; if not, the loss is silent.</param>
    public void CutMessages(bool tell = true)
    {
        lock (_server.Gate)
        {
            // An interruption is this node's own knowledge, and no message that can be lost.
            var interrupted = tell || _messages.Contains(null);
            _messages.Clear();
            _messagesCut = false;
            if (interrupted)
            {
                Interrupted();
            }

            _messagesCut = true;
        }

        DeliverMessages();
    }

    /// <summary>Ends <see cref="CutMessages"/>.</summary>
    /// <param name="tell">Whether the subscriber is told that it was interrupted; if not, the loss is silent.</param>
    public void HealMessages(bool tell = true)
    {
        lock (_server.Gate)
        {
            if (_messagesCut)
            {
                _messagesCut = false;
                if (tell)
                {
                    Interrupted();
                }
            }
        }

        DeliverMessages();
    }

    /// <summary>Loses the next messages to this node, silently, beginning with those that are pending.</summary>
    /// <param name="count">How many; it replaces what is left of an earlier count.</param>
    public void DropNextMessages(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        lock (_server.Gate)
        {
            _messagesToDrop = count;
        }
    }

    /// <summary>Freezes the link: operations and messages hang.</summary>
    public void Freeze()
    {
        lock (_server.Gate)
        {
            IsFrozen = true;
        }
    }

    /// <summary>Ends <see cref="Freeze"/>: what hung arrives in order, messages first, however long ago the callers gave up. Under <see cref="InMemoryDelivery.Manual"/> it can be delivered again.</summary>
    public void Thaw()
    {
        lock (_server.Gate)
        {
            IsFrozen = false;
        }

        DeliverAll();
    }

    /// <summary>Makes the next calls of some operations fail. Rules are asked in the order they were given; each call uses up one.</summary>
    /// <param name="operations">Which operations.</param>
    /// <param name="count">How many calls; <see cref="int.MaxValue"/> until <see cref="StopFailing"/>.</param>
    /// <param name="takeEffect">Whether they take effect all the same: only the answer is lost.</param>
    public void FailNext(SharedOperation operations, int count = 1, bool takeEffect = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        lock (_server.Gate)
        {
            _faults.Add(
                new FaultRule(operations, takeEffect ? ScriptedFault.AnswerLost : ScriptedFault.RequestLost)
                {
                    Left = count == int.MaxValue ? long.MaxValue : count,
                }
            );
        }
    }

    /// <summary>Ends what <see cref="FailNext"/> has begun. Operations that are pending keep their fate.</summary>
    public void StopFailing()
    {
        lock (_server.Gate)
        {
            _faults.Clear();
        }
    }

    private ScriptedFault TakeFault(SharedOperation operation)
    {
        for (var i = 0; i < _faults.Count; i++)
        {
            var rule = _faults[i];
            if ((rule.Operations & operation) != SharedOperation.None)
            {
                if (--rule.Left == 0)
                {
                    _faults.RemoveAt(i);
                }

                return rule.Fault;
            }
        }

        return ScriptedFault.None;
    }

    private sealed class FaultRule(SharedOperation operations, ScriptedFault fault)
    {
        public SharedOperation Operations => operations;
        public ScriptedFault Fault => fault;
        public long Left { get; set; }
    }
}
