using System.Collections.Frozen;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Numerics;
using Autom8.Caching.Serialization;

namespace Autom8.Caching.Tests;

#pragma warning disable CA1051 // Visible fields are what is looked at here.

/// <summary>Which types prove by their fields that nothing of them can change.</summary>
public sealed class ImmutabilityTests
{
    private static readonly IReadOnlySet<Type> None = new HashSet<Type>();

    public static TheoryData<Type> Immutable =>
        [
            typeof(string),
            typeof(int?),
            typeof(DayOfWeek),
            typeof(BigInteger),
            typeof(Uri),
            typeof(Version),
            typeof(Type),
            typeof(KeyValuePair<string, Guid>),
            typeof((string, DateTimeOffset)),
            typeof(Index),
            typeof(System.Text.Rune),
            typeof(Person),
            typeof(Address?),
            typeof(ReadonlyFields),
            typeof(OfBase),
            typeof(Linked),
            typeof(Husband),
            typeof(Even),
            typeof(Open<string>),
            typeof(Marked),
            typeof(HoldsMarked),
            typeof(HoldsMutableStruct),
            typeof(Assignable),
            typeof(ImmutableArray<Person>),
            typeof(ImmutableList<string>),
            typeof(ImmutableDictionary<string, ImmutableList<Person>>),
            typeof(ImmutableSortedSet<int>),
            typeof(FrozenSet<string>),
            typeof(FrozenDictionary<string, Person>),
            typeof(Everything),
        ];

    public static TheoryData<Type> Doubtful =>
        [
            typeof(object),
            typeof(int[]),
            typeof(string[]),
            typeof(byte[]),
            typeof(Action),
            typeof(nint),
            typeof(List<string>),
            typeof(IReadOnlyList<string>),
            typeof(IEnumerable<int>),
            typeof(Dictionary<string, string>),
            typeof(System.Collections.ObjectModel.ReadOnlyCollection<string>),
            typeof(Memory<byte>),
            typeof(ReadOnlyMemory<byte>),
            typeof(ArraySegment<byte>),
            typeof(System.Text.StringBuilder),
            typeof(System.Text.Json.JsonElement),
            typeof(System.Globalization.CultureInfo),
            typeof(CancellationToken),
            typeof(Lazy<string>),
            typeof(WeakReference<string>),
            typeof(Task<int>),
            typeof(Tuple<int>), // not sealed
            typeof(ImmutableArray<int[]>),
            typeof(ImmutableList<List<int>>),
            typeof(IImmutableList<int>),
            typeof(ImmutableArray<int>.Builder),
            typeof(FrozenDictionary<string, object>),
            typeof((string, List<int>)),
            typeof(KeyValuePair<string, int[]>),
            typeof(Unsealed),
            typeof(Abstract),
            typeof(HoldsUnsealed),
            typeof(Settable),
            typeof(SettablePart),
            typeof(PrivateState),
            typeof(CapturesParameter),
            typeof(OfSettableBase),
            typeof(HoldsArray),
            typeof(HoldsDelegate),
            typeof(HoldsInterface),
            typeof(HoldsObject),
            typeof(HoldsAddress),
            typeof(int).MakePointerType(),
            typeof(int).MakeByRefType(),
            typeof(Finalized),
            typeof(OfFinalized),
            typeof(Disposable),
            typeof(AsyncDisposable),
            typeof(StructWithList),
            typeof(DisposableStruct),
            typeof(Odd),
            typeof(Open<List<string>>),
            typeof(Expanding<int>),
            typeof(Swelling<int>),
            typeof(DeniesIt),
            typeof(UnsealedMarked),
            typeof(HoldsUnsealedMarked),
            typeof(HasEvent),
        ];

    [Theory]
    [MemberData(nameof(Immutable))]
    public void What_nothing_can_change_is_proven(Type type) => Assert.True(DeepImmutability.IsProven(type, None, seesFields: true));

    [Theory]
    [MemberData(nameof(Doubtful))]
    public void What_something_could_change_is_not(Type type) => Assert.False(DeepImmutability.IsProven(type, None, seesFields: true));

    [Fact]
    public void Where_fields_cannot_be_seen_only_what_is_known_marked_or_declared_passes()
    {
        Type[] known = [typeof(string), typeof(Uri), typeof(DateTime), typeof(int?), typeof(Marked), typeof(ImmutableList<string>)];
        Assert.All(known, type => Assert.True(DeepImmutability.IsProven(type, None, seesFields: false)));
        Type[] unseen = [typeof(Person), typeof(Address), typeof((string, int)), typeof(ImmutableList<Person>)];
        Assert.All(unseen, type => Assert.False(DeepImmutability.IsProven(type, None, seesFields: false)));
        Assert.True(DeepImmutability.IsProven(typeof(ImmutableList<Person>), new HashSet<Type> { typeof(Person) }, seesFields: false));
    }

    [Fact]
    public void A_declared_type_is_believed_as_a_part_only_when_nothing_can_derive_from_it()
    {
        Assert.True(DeepImmutability.IsProven(typeof(SettablePart), new HashSet<Type> { typeof(Settable) }, seesFields: true));
        Assert.False(DeepImmutability.IsProven(typeof(HoldsUnsealed), new HashSet<Type> { typeof(Unsealed) }, seesFields: true));
    }

    public sealed record Person(string Name, Address Home, DateOnly Born, ImmutableArray<string> Names);

    public readonly record struct Address(string Street, int? Number);

    public sealed class ReadonlyFields(int number)
    {
        public readonly int Number = number;
        private readonly string _text = "text";

        public string Text { get; init; } = "";

        public override string ToString() => _text;
    }

    public abstract record Base(string Id);

    public sealed record OfBase(string Id, int Count) : Base(Id);

    public sealed record Linked(int Value, Linked? Next);

    public sealed record Husband(string Name, Wife? Wife);

    public sealed record Wife(string Name, Husband? Husband);

    public sealed record Even(Husband Pair, Linked List);

    public sealed record Open<T>(T Value);

    [ImmutableObject(true)]
    public sealed class Marked
    {
        public List<int> Frozen { get; } = [];
    }

    public sealed record HoldsMarked(Marked Marked);

    public struct MutableStruct
    {
        public int Number;
        public string Text;
    }

    public sealed class HoldsMutableStruct(MutableStruct value)
    {
        private readonly MutableStruct _value = value; // changed only as a copy

        public int Number => _value.Number;
    }

    public struct Assignable
    {
        public string Text { get; set; } // whoever reads the cached one has a copy
    }

    public sealed record Everything(
        bool A,
        char B,
        double C,
        decimal D,
        Guid E,
        DateTime F,
        TimeOnly G,
        TimeSpan H,
        Int128 I,
        Half J,
        Uri K,
        Version L,
        BigInteger M,
        DayOfWeek? N,
        FrozenSet<Uri> O,
        (string, (int, string)) P
    );

    public record Unsealed(int Number);

    public abstract record Abstract(int Number);

    public sealed record HoldsUnsealed(Unsealed Value);

    public sealed class Settable
    {
        public int Number { get; set; }
    }

    public sealed record SettablePart(Settable Value);

    public sealed class PrivateState
    {
        private int _reads;

        public int Reads => ++_reads;
    }

    public sealed class CapturesParameter(int number)
    {
        public int Next() => ++number;
    }

    public abstract class SettableBase
    {
        public int Number { get; set; }
    }

    public sealed class OfSettableBase : SettableBase;

    public sealed record HoldsArray(int[] Values);

    public sealed record HoldsDelegate(Func<int> Call);

    public sealed record HoldsInterface(IReadOnlyList<int> Values);

    public sealed record HoldsObject(object Value);

    public sealed record HoldsAddress(nint Value);

    public class FinalizedBase
    {
        ~FinalizedBase() => GC.KeepAlive(this);
    }

    public sealed class Finalized
    {
        ~Finalized() => GC.KeepAlive(this);
    }

    public sealed class OfFinalized : FinalizedBase;

    public sealed class Disposable : IDisposable
    {
        public void Dispose() { }
    }

    public sealed class AsyncDisposable : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => default;
    }

    public readonly record struct StructWithList(List<int> Values);

    public readonly record struct DisposableStruct(string Text) : IDisposable
    {
        public void Dispose() { }
    }

    public sealed record Odd(Odd? Next, Settable? Value);

    public sealed record Expanding<T>(Expanding<Open<T>>? Next);

    public sealed record Swelling<T>(Swelling<(T, T)>? Next); // until no memory could hold one

    [ImmutableObject(false)]
    public sealed record DeniesIt(int Number);

    [ImmutableObject(true)]
    public record UnsealedMarked(int Number);

    public sealed record HoldsUnsealedMarked(UnsealedMarked Value);

    public sealed class HasEvent
    {
#pragma warning disable CS0067
        public event EventHandler? Changed;
#pragma warning restore CS0067
    }
}
