namespace Akka.TestKit;

/// <summary>Keeps log events silent until it is told not to.</summary>
public interface IUnmutableFilter : IDisposable
{
    /// <summary>Lets the events through again.</summary>
    void Unmute();
}
