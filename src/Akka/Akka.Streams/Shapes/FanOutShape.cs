using System.Collections.Immutable;

namespace Akka.Streams;

/// <summary>One inlet and several outlets.</summary>
public abstract class FanOutShape<TIn> : Shape
{
    private readonly string _name;
    private readonly Queue<Outlet> _given;
    private ImmutableArray<Outlet> _outlets = [];

    protected FanOutShape(Inlet<TIn> inlet, IEnumerable<Outlet> registered, string name)
    {
        In = inlet;
        Inlets = [inlet];
        _given = new Queue<Outlet>(registered);
        _name = name;
    }

    protected FanOutShape(IInit init)
        : this(init.Inlet, init.Outlets, init.Name) { }

    public Inlet<TIn> In { get; }

    public override ImmutableArray<Inlet> Inlets { get; }

    public override ImmutableArray<Outlet> Outlets => _outlets;

    /// <summary>The same kind of shape over the ports that <paramref name="init"/> gives or names.</summary>
    protected abstract FanOutShape<TIn> Construct(IInit init);

    /// <summary>Adds an outlet: the next given one, or a new one of that name.</summary>
    protected Outlet<T> NewOutlet<T>(string name)
    {
        var outlet = _given.TryDequeue(out var given) ? Outlet.Create<T>(given) : new Outlet<T>($"{_name}.{name}");
        _outlets = _outlets.Add(outlet);
        return outlet;
    }

    public override Shape DeepCopy() =>
        Construct(new InitPorts((Inlet<TIn>)In.CarbonCopy(), [.. _outlets.Select(outlet => outlet.CarbonCopy())]));

    public sealed override Shape CopyFromPorts(ImmutableArray<Inlet> inlets, ImmutableArray<Outlet> outlets)
    {
        RequirePorts(inlets, 1, outlets, _outlets.Length);
        return Construct(new InitPorts((Inlet<TIn>)inlets[0], outlets));
    }

    /// <summary>Where a new shape takes its ports from.</summary>
    public interface IInit
    {
        Inlet<TIn> Inlet { get; }

        IEnumerable<Outlet> Outlets { get; }

        string Name { get; }
    }

    /// <summary>New ports under a common name.</summary>
    public sealed class InitName(string name) : IInit
    {
        public Inlet<TIn> Inlet { get; } = new($"{name}.in");

        public IEnumerable<Outlet> Outlets => [];

        public string Name { get; } = name;
    }

    /// <summary>Ports that exist.</summary>
    public sealed class InitPorts(Inlet<TIn> inlet, IEnumerable<Outlet> outlets) : IInit
    {
        public Inlet<TIn> Inlet { get; } = inlet;

        public IEnumerable<Outlet> Outlets { get; } = outlets;

        public string Name => "FanOut";
    }
}

/// <summary>One inlet and any number of outlets of one type.</summary>
public class UniformFanOutShape<TIn, TOut> : FanOutShape<TIn>
{
    private readonly int _n;

    public UniformFanOutShape(int n, IInit init)
        : base(init)
    {
        _n = n;
        Outs = Enumerable.Range(0, n).Select(i => NewOutlet<TOut>($"out{i}")).ToImmutableArray();
    }

    public UniformFanOutShape(int n)
        : this(n, "UniformFanOut") { }

    public UniformFanOutShape(int n, string name)
        : this(n, new InitName(name)) { }

    public UniformFanOutShape(Inlet<TIn> inlet, params Outlet<TOut>[] outlets)
        : this(outlets.Length, new InitPorts(inlet, outlets)) { }

    public IImmutableList<Outlet<TOut>> Outs { get; }

    /// <summary>The outlet at position <paramref name="n"/>, from 0.</summary>
    public Outlet<TOut> Out(int n) => Outs[n];

    protected override FanOutShape<TIn> Construct(IInit init) => new UniformFanOutShape<TIn, TOut>(_n, init);
}

/// <summary>One inlet and two outlets of different types.</summary>
public class FanOutShape<TIn, T0, T1> : FanOutShape<TIn>
{
    public readonly Outlet<T0> Out0;
    public readonly Outlet<T1> Out1;

    public FanOutShape(IInit init)
        : base(init)
    {
        Out0 = NewOutlet<T0>("out0");
        Out1 = NewOutlet<T1>("out1");
    }

    public FanOutShape(string name)
        : this(new InitName(name)) { }

    public FanOutShape(Inlet<TIn> inlet, Outlet<T0> out0, Outlet<T1> out1)
        : this(new InitPorts(inlet, [out0, out1])) { }

    protected override FanOutShape<TIn> Construct(IInit init) => new FanOutShape<TIn, T0, T1>(init);
}
