using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Actor.Setup
{
    /// <summary>A part of the set-up of a system that is given in code.</summary>
    public abstract class Setup
    {
        /// <summary>This and another.</summary>
        public ActorSystemSetup And(Setup other) => ActorSystemSetup.Create(this, other);
    }

    /// <summary>The set-up of a system: at most one part of each type.</summary>
    public sealed class ActorSystemSetup
    {
        /// <summary>Nothing.</summary>
        public static readonly ActorSystemSetup Empty = new(ImmutableDictionary<Type, Setup>.Empty);

        private readonly ImmutableDictionary<Type, Setup> _setups;

        private ActorSystemSetup(ImmutableDictionary<Type, Setup> setups) => _setups = setups;

        /// <summary>Takes parts; the last of a type holds.</summary>
        public static ActorSystemSetup Create(params Setup[] setup) =>
            new(setup.Aggregate(Empty._setups, (all, part) => all.SetItem(part.GetType(), part)));

        /// <summary>The part of a type.</summary>
        public Option<T> Get<T>()
            where T : Setup => _setups.TryGetValue(typeof(T), out var setup) ? (T)setup : Option<T>.None;

        /// <summary>This with one part more.</summary>
        public ActorSystemSetup WithSetup<T>(T setup)
            where T : Setup => new(_setups.SetItem(typeof(T), setup));

        /// <summary>This with one part more.</summary>
        public ActorSystemSetup And<T>(T setup)
            where T : Setup => WithSetup(setup);
    }
}

namespace Akka.Actor
{
    /// <summary>Which provider a system has.</summary>
    public abstract class ProviderSelection
    {
        private ProviderSelection(string identifier, string fqn, bool hasCluster)
        {
            Identifier = identifier;
            Fqn = fqn;
            HasCluster = hasCluster;
        }

        internal string Identifier { get; }

        internal string Fqn { get; }

        internal bool HasCluster { get; }

        internal static ProviderSelection GetProvider(string providerClass) =>
            providerClass switch
            {
                "local" => Local.Instance,
                "cluster" => Cluster.Instance,
                "remote" => new Custom(RemoteProvider, providerClass),
                _ => new Custom(providerClass),
            };

        private const string RemoteProvider = "Akka.Remote.RemoteActorRefProvider, Akka.Remote";

        /// <summary>Actors of this process only.</summary>
        public sealed class Local : ProviderSelection
        {
            /// <summary>The one value.</summary>
            public static readonly Local Instance = new();

            private Local()
                : base("local", "Akka.Actor.LocalActorRefProvider", hasCluster: false) { }
        }

        /// <summary>A member of a cluster.</summary>
        public sealed class Cluster : ProviderSelection
        {
            /// <summary>The one value.</summary>
            public static readonly Cluster Instance = new();

            private Cluster()
                : base("cluster", "Akka.Cluster.ClusterActorRefProvider, Akka.Cluster", hasCluster: true) { }
        }

        /// <summary>A class of its own.</summary>
        public sealed class Custom : ProviderSelection
        {
            /// <summary>Names the class.</summary>
            public Custom(string fqn, string identifier = "", bool hasCluster = false)
                : base(identifier, fqn, hasCluster) { }
        }
    }

    /// <summary>Configuration and provider of a system.</summary>
    public class BootstrapSetup : Setup.Setup
    {
        internal BootstrapSetup()
            : this(Option<Config>.None, Option<ProviderSelection>.None) { }

        private BootstrapSetup(Option<Config> config, Option<ProviderSelection> actorRefProvider)
        {
            Config = config;
            ActorRefProvider = actorRefProvider;
        }

        /// <summary>The configuration.</summary>
        public Option<Config> Config { get; }

        /// <summary>The provider.</summary>
        public Option<ProviderSelection> ActorRefProvider { get; }

        /// <summary>Nothing yet.</summary>
        public static BootstrapSetup Create() => new();

        /// <summary>A copy with another provider.</summary>
        public BootstrapSetup WithActorRefProvider(ProviderSelection name) => new(Config, name);

        /// <summary>A copy with another configuration.</summary>
        public BootstrapSetup WithConfig(Config config) => new(config, ActorRefProvider);

        /// <summary>A copy with <paramref name="config"/> below the configuration.</summary>
        public BootstrapSetup WithConfigFallback(Config config) =>
            new(Config.HasValue ? Config.Value.SafeWithFallback(config) : config, ActorRefProvider);
    }
}
