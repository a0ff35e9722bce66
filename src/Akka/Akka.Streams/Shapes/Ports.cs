namespace Akka.Streams;

/// <summary>An input port of a shape.</summary>
public abstract class InPort
{
    /// <summary>Position among the inlets of the stage that owns the port; set when the stage is materialized.</summary>
    internal int Id = -1;
}

/// <summary>An output port of a shape.</summary>
public abstract class OutPort
{
    /// <summary>Position among the outlets of the stage that owns the port; set when the stage is materialized.</summary>
    internal int Id = -1;
}

/// <summary>A named input port.</summary>
public abstract class Inlet(string name) : InPort
{
    public readonly string Name = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>A new port of the same name and type.</summary>
    public abstract Inlet CarbonCopy();

    /// <summary>The inlet seen as one of elements of type <typeparamref name="T"/>.</summary>
    public static Inlet<T> Create<T>(Inlet inlet) => inlet as Inlet<T> ?? new Inlet<T>(inlet.Name);

    public sealed override string ToString() => Name;
}

/// <summary>An input port for elements of type <typeparamref name="T"/>.</summary>
public sealed class Inlet<T>(string name) : Inlet(name)
{
    public override Inlet CarbonCopy() => new Inlet<T>(Name);
}

/// <summary>A named output port.</summary>
public abstract class Outlet(string name) : OutPort
{
    public readonly string Name = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>A new port of the same name and type.</summary>
    public abstract Outlet CarbonCopy();

    /// <summary>The outlet seen as one of elements of type <typeparamref name="T"/>.</summary>
    public static Outlet<T> Create<T>(Outlet outlet) => outlet as Outlet<T> ?? new Outlet<T>(outlet.Name);

    public sealed override string ToString() => Name;

    /// <summary>A connection that carries elements of this port's type.</summary>
    internal abstract Implementation.Fusing.Connection CreateConnection();

    /// <summary>The two halves of an asynchronous boundary for elements of this port's type.</summary>
    internal abstract (
        Implementation.Fusing.BoundarySender Sender,
        Implementation.Fusing.BoundaryReceiver Receiver
    ) CreateBoundary(int capacity);
}

/// <summary>An output port for elements of type <typeparamref name="T"/>.</summary>
public sealed class Outlet<T>(string name) : Outlet(name)
{
    public override Outlet CarbonCopy() => new Outlet<T>(Name);

    internal override Implementation.Fusing.Connection CreateConnection() => new Implementation.Fusing.Connection<T>();

    internal override (
        Implementation.Fusing.BoundarySender Sender,
        Implementation.Fusing.BoundaryReceiver Receiver
    ) CreateBoundary(int capacity) => Implementation.Fusing.Boundary.Create<T>(capacity);
}
