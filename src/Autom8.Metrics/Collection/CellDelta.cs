namespace Autom8.Metrics.Collection;

/// <summary>What a series recorded between two collections.</summary>
internal struct CellDelta
{
    public CellDelta()
    {
        Min = double.PositiveInfinity;
        Max = double.NegativeInfinity;
    }

    public long Count;
    public double Sum;
    public double Min;
    public double Max;
}
