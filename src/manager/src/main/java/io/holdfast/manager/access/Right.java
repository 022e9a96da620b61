package io.holdfast.manager.access;

/** What a route needs of its caller. Who has which right on what, {@link Rights} knows. */
public enum Right {
    /** To see the instance that the path names. */
    SEE,
    /** To act on the instance that the path names: back up, restore, delete backups, change key and plan. */
    MANAGE,
    /** To dispose of the instance that the path names, as the broker that registered it may. */
    OWN,
    /** To register instances and to have a list of them. The route itself keeps to those that the caller may see. */
    REGISTER,
    /** To run the platform. */
    OPERATE,
    /** To be known. The route itself asks for a right on the instance that the body names. */
    CALL
}
