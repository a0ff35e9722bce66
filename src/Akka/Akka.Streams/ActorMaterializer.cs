using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Streams.Implementation;

namespace Akka.Streams;

/// <summary>Runs streams in actors, children of one supervisor; they end abruptly when it is shut down.</summary>
public abstract class ActorMaterializer : IMaterializer, IMaterializerLoggingProvider, IDisposable
{
    private protected ActorMaterializer() { }

    /// <summary>The configuration that counts where the system's own says nothing.</summary>
    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource<ActorMaterializer>("Akka.Streams.reference.conf");

    /// <summary>A materializer whose streams live as long as <paramref name="context"/>, a system or an actor.</summary>
    public static ActorMaterializer Create(
        IActorRefFactory context,
        ActorMaterializerSettings? settings = null,
        string? namePrefix = null
    ) => ActorMaterializerImpl.Create(context, settings, namePrefix);

    public abstract ActorMaterializerSettings Settings { get; }

    /// <summary>True after <see cref="Shutdown"/>, and once the system or actor it belongs to has stopped.</summary>
    public abstract bool IsShutdown { get; }

    public abstract MessageDispatcher ExecutionContext { get; }

    public abstract ActorSystem System { get; }

    public abstract ILoggingAdapter Logger { get; }

    public abstract IActorRef Supervisor { get; }

    public abstract IMaterializer WithNamePrefix(string namePrefix);

    public abstract TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable);

    public abstract TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes);

    public abstract ICancelable ScheduleOnce(TimeSpan delay, Action action);

    public abstract ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);

    public abstract ILoggingAdapter MakeLogger(object logSource);

    /// <summary>The settings with what the attributes say instead.</summary>
    public abstract ActorMaterializerSettings EffectiveSettings(Attributes attributes);

    /// <summary>Stops all streams that it runs, abruptly.</summary>
    public abstract void Shutdown();

    public void Dispose()
    {
        Shutdown();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Makes materializers.</summary>
public static class ActorMaterializerExtensions
{
    /// <summary>A materializer whose streams live as long as <paramref name="context"/>, a system or an actor.</summary>
    public static ActorMaterializer Materializer(
        this IActorRefFactory context,
        ActorMaterializerSettings? settings = null,
        string? namePrefix = null
    ) => ActorMaterializer.Create(context, settings, namePrefix);
}
